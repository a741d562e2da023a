//! The log: lines on stderr, in colour where somebody looks, as JSON where a program does; errors that come again are summed up.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::limits::REPEATS_LOOK;
use crate::repeats::Repeats;

/// The log of a program that runs. Dropping it writes what was held back.
#[must_use = "what was held back is written when it is dropped"]
pub struct Log(Repeats);

/// Starts to log. `RUST_LOG` says what; without it `filter` does, such as `info,sqlx=warn`.
pub fn to_stderr(filter: &str, json: bool) -> Log {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let repeats = Repeats::default();
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if json {
        lines.json().with_filter(repeats.clone()).boxed()
    } else {
        lines.with_ansi(has_colours()).with_filter(repeats.clone()).boxed()
    };
    tracing_subscriber::registry().with(filter).with(lines).init();
    let due = repeats.clone();
    // It ends with the process; without it, counts are written only at the end.
    let _running = std::thread::Builder::new().name("log".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(REPEATS_LOOK);
            due.write_due();
        }
    });
    Log(repeats)
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.write_all();
    }
}

/// Colours are for terminals, and for people who have not asked to do without (no-color.org).
fn has_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
