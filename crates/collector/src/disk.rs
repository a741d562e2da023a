//! Room on the disk: below a floor nothing more is taken in, so that what is held can still be written and looked at. Senders keep what
//! was refused, and send it again.

use std::sync::atomic::{AtomicBool, Ordering};

use candor_policy::ProblemCode;
use candor_web::Refused;

use crate::limits::DISK_RETRY_SECONDS;

/// Whether there is room on the data folder's disk.
#[derive(Debug)]
pub struct Disk {
    floor_bytes: u64,
    is_nearly_full: AtomicBool,
}

impl Disk {
    /// A disk with room, until it was looked at.
    pub fn new(floor_bytes: u64) -> Self {
        Self { floor_bytes, is_nearly_full: AtomicBool::new(false) }
    }

    /// Takes note of how many bytes are free, where the system says so, and says in the log what that changes.
    pub fn look(&self, free_bytes: Option<u64>) {
        let Some(free_bytes) = free_bytes else { return };
        let full = free_bytes < self.floor_bytes;
        let was_full = self.is_nearly_full.swap(full, Ordering::Relaxed);
        let floor_bytes = self.floor_bytes;
        match (was_full, full) {
            (false, true) => tracing::error!(
                free_bytes,
                floor_bytes,
                "the data folder's disk is nearly full: reports are refused until there is room again"
            ),
            (true, false) => tracing::info!(free_bytes, "there is room on the disk again: reports are taken"),
            (true, true) | (false, false) => {}
        }
    }

    /// Whether nothing more is taken in.
    pub fn is_nearly_full(&self) -> bool {
        self.is_nearly_full.load(Ordering::Relaxed)
    }

    /// What is wrong, and what to do, while there is no room.
    pub fn fault(&self) -> Option<&'static str> {
        let fault = "the data folder's disk is nearly full, so nothing is taken in: make room on it";
        self.is_nearly_full().then_some(fault)
    }

    /// What to tell a sender while there is no room.
    pub fn refusal(&self) -> Option<Refused> {
        let detail = "the collector's disk is nearly full; nothing was stored";
        self.is_nearly_full().then(|| Refused::later(ProblemCode::Unavailable, detail, DISK_RETRY_SECONDS))
    }
}
