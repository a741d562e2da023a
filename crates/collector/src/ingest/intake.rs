//! What all requests together may hold on their way in, and whose turn it is to have a large report expanded.
//!
//! A small report passes by itself. A large one waits for its turn, so that few are expanded at a time, and of one installation no
//! more than [`LARGE_PER_INSTALLATION`] are in hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candor_policy::ProblemCode;
use candor_web::budget::Budget;
use candor_web::limits::RETRY_AFTER_SECONDS;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refused;
use crate::limits::{ARRIVING_BYTES, EXPANSION_WAIT, EXPANSIONS_MOST, LARGE_PER_INSTALLATION, PLAIN_BYTES};

/// What is on its way in.
pub struct Intake {
    /// Bodies as they came.
    pub arriving: Arc<Budget>,
    /// Reports as JSON, until they are acknowledged.
    pub plain: Arc<Budget>,
    expansions: Arc<Semaphore>,
    large: Arc<Large>,
}

/// How many large reports each installation has in hand.
type Large = Mutex<HashMap<i64, usize>>;

/// A large report of an installation, in hand until this is dropped.
pub struct InHand {
    large: Arc<Large>,
    installation: i64,
}

/// The right to expand a report, until this is dropped.
pub struct Turn(#[expect(dead_code, reason = "it is held, not looked at")] OwnedSemaphorePermit);

impl Default for Intake {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            arriving: Budget::new(ARRIVING_BYTES),
            plain: Budget::new(PLAIN_BYTES),
            // Half of the cores stay with the others.
            expansions: Arc::new(Semaphore::new((cores / 2).clamp(1, EXPANSIONS_MOST))),
            large: Arc::default(),
        }
    }
}

impl Intake {
    /// Takes a large report of an installation in hand.
    ///
    /// # Errors
    /// [`Refused`] where it has as many in hand as it may.
    pub fn take_in_hand(&self, installation: i64) -> Result<InHand, Refused> {
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        let in_hand = large.entry(installation).or_default();
        if *in_hand >= LARGE_PER_INSTALLATION {
            return Err(later("this installation has other large reports on their way; nothing was stored"));
        }
        *in_hand += 1;
        Ok(InHand { large: self.large.clone(), installation })
    }

    /// Waits for a turn to expand a report.
    ///
    /// # Errors
    /// [`Refused`] where too many others wait.
    pub async fn turn(&self) -> Result<Turn, Refused> {
        match tokio::time::timeout(EXPANSION_WAIT, self.expansions.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn(permit)),
            Ok(Err(_)) | Err(_) => Err(later("many large reports are on their way; nothing was stored")),
        }
    }
}

fn later(detail: &str) -> Refused {
    Refused::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS)
}

impl Drop for InHand {
    fn drop(&mut self) {
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(in_hand) = large.get_mut(&self.installation) {
            *in_hand -= 1;
            if *in_hand == 0 {
                large.remove(&self.installation);
            }
        }
    }
}
