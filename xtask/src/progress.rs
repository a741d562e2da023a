//! Shows how far a task is: numbered steps, each with the time that it took.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Numbered steps of one task.
pub struct Progress {
    total: usize,
    done: usize,
    started: Instant,
}

impl Progress {
    /// A task with this many steps, which starts now.
    pub fn of(total: usize) -> Self {
        Self { total, done: 0, started: Instant::now() }
    }

    /// Does one step and says how long it took.
    ///
    /// # Errors
    /// The step's own.
    pub fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        println!("\n[{}/{}] {title}", self.done, self.total);
        let started = Instant::now();
        let result = work()?;
        println!("      {} ({} in all)", seconds(started.elapsed()), seconds(self.started.elapsed()));
        Ok(result)
    }

    /// How long the task has run.
    pub fn elapsed(&self) -> String {
        seconds(self.started.elapsed())
    }
}

/// A duration as people read it: `0.4 s`, `3 min 05 s`.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}
