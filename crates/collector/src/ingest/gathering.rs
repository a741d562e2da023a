//! Gathering: turns the queue into batches of a bounded size.

use tokio::sync::mpsc::Receiver;

use crate::limits::{BATCH_BYTES, BATCH_REPORTS, GATHERING_TIME, HALF_BATCH_REPORTS};

/// What waits, and what of it has been taken out of the queue.
pub(super) struct Gathering<T> {
    waiting: Receiver<T>,
    gathered: Vec<T>,
    size_bytes: fn(&T) -> usize,
    last_batch: usize,
}

impl<T> Gathering<T> {
    /// Gathers from a queue; `size_bytes` says what one of them takes in a batch.
    pub(super) fn new(waiting: Receiver<T>, size_bytes: fn(&T) -> usize) -> Self {
        Self { waiting, gathered: Vec::with_capacity(BATCH_REPORTS), size_bytes, last_batch: 0 }
    }

    /// The next batch, in the order of the queue; call it when the last one is done with. It blocks. Nothing once the queue
    /// is closed and empty.
    pub(super) fn next(&mut self) -> Option<Vec<T>> {
        if self.gathered.is_empty() && self.waiting.blocking_recv_many(&mut self.gathered, BATCH_REPORTS) == 0
        {
            return None;
        }
        self.take_waiting();
        if self.waits_for_company() {
            std::thread::sleep(GATHERING_TIME);
            self.take_waiting();
        }
        let batch = self.first_batch();
        self.last_batch = batch.len();
        Some(batch)
    }

    fn waits_for_company(&self) -> bool {
        self.gathered.len() < HALF_BATCH_REPORTS && self.gathered.len() < self.last_batch / 2
    }

    /// Adds what waits already.
    fn take_waiting(&mut self) {
        while self.gathered.len() < BATCH_REPORTS
            && let Ok(next) = self.waiting.try_recv()
        {
            self.gathered.push(next);
        }
    }

    /// Takes from the front as many as fit into one batch, and where many wait, half of them; at least one.
    fn first_batch(&mut self) -> Vec<T> {
        let all = self.gathered.len();
        let most = if all < 2 * HALF_BATCH_REPORTS { all } else { all / 2 };
        let mut size_bytes = 0;
        let fits = |waiting: &&T| {
            size_bytes += (self.size_bytes)(waiting);
            size_bytes <= BATCH_BYTES
        };
        let fitting = self.gathered.iter().take(most).take_while(fits).count();
        self.gathered.drain(..fitting.max(1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn a_batch_waits_for_company_while_the_queue_holds_under_half_the_last_batch() {
        let waits = |last_batch, waiting| {
            let (_queue, receiver) = mpsc::channel(1);
            let gathered = vec![(); waiting];
            Gathering { waiting: receiver, gathered, size_bytes: |()| 0, last_batch }.waits_for_company()
        };
        assert!(waits(16, 1), "fifteen more are on their way back");
        assert!(!waits(16, 8));
        assert!(!waits(3, 1), "too few to be worth it");
        assert!(!waits(BATCH_REPORTS, HALF_BATCH_REPORTS));
    }

    #[test]
    fn a_batch_is_bounded_in_bytes_and_where_many_wait_it_is_half_of_them() {
        let quarter = BATCH_BYTES / 4;
        let sizes = [10, 10, quarter, quarter, quarter, quarter, BATCH_BYTES + 1, 10];
        let many = sizes.into_iter().chain(std::iter::repeat_n(10, 2 * HALF_BATCH_REPORTS));
        let (queue, waiting) = mpsc::channel(BATCH_REPORTS);
        (0..).zip(many).for_each(|numbered: (usize, usize)| queue.try_send(numbered).unwrap());
        drop(queue);
        let mut gathering = Gathering::new(waiting, |(_, size_bytes)| *size_bytes);
        let batches: Vec<_> = std::iter::from_fn(|| gathering.next()).collect();
        let left = 2 * HALF_BATCH_REPORTS + 1;
        let lengths: Vec<_> = batches.iter().map(Vec::len).collect();
        assert_eq!(lengths, [5, 1, 1, left / 2, left - left / 2]);
        assert!(batches.concat().is_sorted());
    }
}
