//! Progress on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// How many lines a whole run prints where there is no terminal.
const LINES: u64 = 10;

/// The progress of one piece of work.
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    done: AtomicU64,
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    /// Starts to count `total` things.
    pub(crate) fn start(what: &'static str, total: u64, quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}, {eta} left");
            let bar = ProgressBar::new(total).with_message(what);
            if let Ok(style) = style { bar.with_style(style) } else { bar }
        });
        Self { what, total, done: AtomicU64::new(0), bar, quiet }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        } else if !self.quiet
            && (done * LINES / self.total.max(1)) != ((done - 1) * LINES / self.total.max(1))
        {
            eprintln!("{}: {done} of {}", self.what, self.total);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
