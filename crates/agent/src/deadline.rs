//! The end of a call that hangs before it has begun: on a policy, a settings file or a state folder that lies on a drive which no
//! longer answers. Opening a file cannot be given up from inside, so the process ends.
//!
//! It may end at any moment, as it may be killed at any: what waits in the spool stays there.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use crate::exit::Exit;
use crate::say::{Screen, say};

/// How much longer a call may take than it was allowed before it is ended from outside: on a busy machine it ends by itself.
const GRACE: Duration = Duration::from_secs(5);

/// What to end, and how.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// How long the call may take by itself.
    pub allowed: Duration,
    /// Whether it fails with `--strict`.
    pub strict: bool,
    /// Whether it answers in JSON.
    pub json: bool,
}

impl Deadline {
    /// Ends the process once its time is over. Where the system gives no thread, nothing does.
    pub fn watch(self) {
        let watching = move || {
            std::thread::sleep(self.allowed.saturating_add(GRACE));
            self.end();
        };
        drop(std::thread::Builder::new().name("deadline".to_owned()).spawn(watching));
    }

    fn end(self) {
        let why = "a file or a folder did not answer in time: the policy, the settings or the state folder may lie on a \
                   drive that is away";
        say(format_args!("candor: {why}"));
        if self.json {
            let answer = serde_json::json!({ "outcome": Exit::NotDelivered.name(), "why": why });
            let mut out = Screen::new(std::io::stdout(), std::io::stdout().is_terminal());
            let _ = writeln!(out, "{answer}");
        }
        let exit = if self.strict { Exit::NotDelivered } else { Exit::Done };
        std::process::exit(exit.code().into());
    }
}
