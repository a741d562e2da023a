//! What a collector's caps hold back (429), and which of them to raise: a simulation of a large base comes from one address, and
//! would stand still without a word.

use std::sync::atomic::{AtomicU64, Ordering};

use candor_policy::wire_paths;

/// A path, what is held back there, and the caps that do it.
struct Cap {
    path: &'static str,
    what: &'static str,
    advice: &'static str,
}

const CAPS: [Cap; 2] = [
    Cap {
        path: wire_paths::INSTALLATIONS,
        what: "enrolments",
        advice: "enrolments_burst and enrolments_per_minute",
    },
    Cap { path: wire_paths::REPORTS, what: "reports", advice: "reports_burst and reports_per_minute" },
];

/// How often each cap held something back.
pub struct HeldBack {
    times: [AtomicU64; CAPS.len()],
    quiet: bool,
}

impl HeldBack {
    /// Nothing yet. `quiet` keeps standard error empty.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { times: Default::default(), quiet }
    }

    /// A request to this path was held back. The first one is told at once.
    pub(crate) fn count(&self, path: &str) {
        for (cap, times) in CAPS.iter().zip(&self.times).filter(|(cap, _)| cap.path == path) {
            if times.fetch_add(1, Ordering::Relaxed) == 0 && !self.quiet {
                eprintln!(
                    "The collector holds {} back (429), so this goes on only as fast as its caps allow. To go faster, raise \
                     {} under [caps] in the collector's configuration and start it again.",
                    cap.what, cap.advice
                );
            }
        }
    }

    /// What was held back, how often, and which caps to raise; one sentence each.
    pub fn said(&self) -> Vec<String> {
        let times = CAPS.iter().zip(&self.times).map(|(cap, times)| (cap, times.load(Ordering::Relaxed)));
        times
            .filter(|(_, times)| *times > 0)
            .map(|(cap, times)| format!("{} held back {times} times (429): raise {}", cap.what, cap.advice))
            .collect()
    }
}
