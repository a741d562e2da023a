//! Memory, counted: how many bytes requests may hold all together. Who asks for more than there is comes again later; nobody waits
//! for it, since what waits holds memory too.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use candor_policy::ProblemCode;

use crate::Refused;
use crate::limits::RETRY_AFTER_SECONDS;

/// So many bytes, and how many of them are held.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    held: AtomicUsize,
}

/// Bytes that are held until this is dropped.
#[derive(Debug)]
pub struct Held {
    budget: Arc<Budget>,
    bytes: usize,
    most: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: AtomicUsize::new(0) })
    }

    /// Holds nothing yet, and may hold more while all together hold less than the whole budget.
    pub fn small(self: &Arc<Self>) -> Held {
        Held { budget: self.clone(), bytes: 0, most: self.most }
    }

    /// The same, for what is large: a quarter of the budget is left to what is small.
    pub fn large(self: &Arc<Self>) -> Held {
        let mut held = self.small();
        held.become_large();
        held
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Holds so many bytes more.
    ///
    /// # Errors
    /// [`Refused`] where too many are held already.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Refused> {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before.saturating_add(bytes) <= self.most {
            return Ok(());
        }
        self.shrink_to(self.bytes - bytes);
        let detail = "the collector has too many requests in hand; nothing was stored";
        Err(Refused::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS))
    }

    /// Holds no more than so many bytes.
    pub fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.budget.held.fetch_sub(less, Ordering::Relaxed);
        self.bytes -= less;
    }

    /// Counts as large from here on.
    pub fn become_large(&mut self) {
        self.most = self.budget.most / 4 * 3;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_leaves_room_for_what_is_small_and_all_comes_back() {
        let budget = Budget::new(100);
        let (mut large, mut small) = (budget.large(), budget.small());
        large.grow(75).unwrap();
        assert!(large.grow(1).is_err());
        small.grow(25).unwrap();
        assert!(small.grow(1).is_err());
        assert_eq!(budget.held(), 100);
        large.shrink_to(10);
        small.grow(50).unwrap();
        drop((large, small));
        assert_eq!(budget.held(), 0);
    }
}
