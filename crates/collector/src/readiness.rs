//! Whether reports can be taken in. Asked by writing to the journal: what only remembers failures says yes for as long as nobody
//! sends anything.

use std::path::PathBuf;
use std::time::Instant;

use tokio::sync::Mutex;

use crate::limits::{READINESS_PERIOD, READINESS_ROOM_BYTES, READINESS_TIME};
use crate::store::{Store, StoreError};

/// Whether reports can be taken in, as it was answered last. Whoever asks at the same time gets the same.
pub struct Readiness {
    folder: PathBuf,
    last: Mutex<Option<Answer>>,
}

struct Answer {
    at: Instant,
    fault: Option<&'static str>,
}

impl Readiness {
    /// Of the journal in this folder.
    pub fn of(folder: PathBuf) -> Self {
        Self { folder, last: Mutex::default() }
    }

    /// What keeps the journal from taking reports, and what to do; nothing where it takes them.
    pub async fn fault(&self, store: &Store) -> Option<&'static str> {
        let mut last = self.last.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < READINESS_PERIOD
        {
            return answer.fault;
        }
        let fault = match tokio::time::timeout(READINESS_TIME, store.try_to_write()).await {
            Ok(Err(error)) => Some(error.advice()),
            Ok(Ok(())) if self.has_no_room() => Some(StoreError::DiskFull.advice()),
            Ok(Ok(())) => None,
            Err(_) => Some("a write to the journal takes too long: see whether its disk answers"),
        };
        *last = Some(Answer { at: Instant::now(), fault });
        fault
    }

    /// A small write may still find room where a report does not.
    fn has_no_room(&self) -> bool {
        let disk = rustix::fs::statvfs(&self.folder);
        disk.is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < READINESS_ROOM_BYTES)
    }
}
