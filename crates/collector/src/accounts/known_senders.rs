//! From where each account has signed in: whoever guesses at its name elsewhere cannot lock its owner out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use candor_web::Sender;

use crate::limits::KNOWN_SENDERS;

/// Accounts' names and senders, the latest last. Forgotten at a restart: then the owner shares the limit with the guesser, and
/// `candor-collector account reset` is the way in.
#[derive(Default)]
pub(super) struct KnownSenders(Mutex<VecDeque<(String, Sender)>>);

impl KnownSenders {
    pub fn add(&self, name: &str, sender: Sender) {
        let key = (name.to_lowercase(), sender);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|one| *one != key);
        known.push_back(key);
        if known.len() > KNOWN_SENDERS {
            known.pop_front();
        }
    }

    pub fn contains(&self, key: &(String, Sender)) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }
}
