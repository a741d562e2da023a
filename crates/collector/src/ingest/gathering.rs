//! Gathering: what waits becomes batches, none of them long to come and none too large.

use std::time::Instant;

use tokio::sync::mpsc::Receiver;

use crate::limits::{BATCH_BYTES, BATCH_REPORTS, COMMIT_PERIOD, GATHERING_TIME, HALF_BATCH_REPORTS};

/// What waits, and what of it has been taken out of the queue.
pub(super) struct Gathering<T> {
    waiting: Receiver<T>,
    gathered: Vec<T>,
    size_bytes: fn(&T) -> usize,
    last: Option<Begun>,
}

/// The last batch.
struct Begun {
    at: Instant,
    reports: usize,
}

impl<T> Gathering<T> {
    /// Gathers from a queue; `size_bytes` says what one of them takes in a batch.
    pub(super) fn new(waiting: Receiver<T>, size_bytes: fn(&T) -> usize) -> Self {
        Self { waiting, gathered: Vec::with_capacity(BATCH_REPORTS), size_bytes, last: None }
    }

    /// The next batch, in the order of the queue; call it when the last one is done with. It blocks. Nothing once the queue
    /// is closed and empty.
    pub(super) fn next(&mut self) -> Option<Vec<T>> {
        let ended = Instant::now();
        if self.gathered.is_empty() && self.waiting.blocking_recv_many(&mut self.gathered, BATCH_REPORTS) == 0
        {
            return None;
        }
        self.take_waiting();
        let until = self.last.as_ref().and_then(|last| last.until(ended, self.gathered.len()));
        if let Some(pause) = until.and_then(|until| until.checked_duration_since(Instant::now())) {
            std::thread::sleep(pause);
            self.take_waiting();
        }
        let at = Instant::now();
        let batch = self.first_batch();
        self.last = Some(Begun { at, reports: batch.len() });
        Some(batch)
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

impl Begun {
    /// Until when those that wait now should let others join them, given when this batch ended.
    fn until(&self, ended: Instant, waiting: usize) -> Option<Instant> {
        let longest = ended + GATHERING_TIME;
        match waiting {
            HALF_BATCH_REPORTS.. => None,
            few if few < self.reports / 2 => Some(longest),
            _ => Some(longest.min(self.at + COMMIT_PERIOD)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn the_next_batch_waits_for_company_and_after_a_slow_commit_only_where_few_are_back() {
        let at = Instant::now();
        let pause = |took: Duration, reports, waiting| {
            let ended = at + took;
            let until = Begun { at, reports }.until(ended, waiting);
            until.and_then(|until| until.checked_duration_since(ended))
        };
        let (quick, slow) = (COMMIT_PERIOD / 3, COMMIT_PERIOD * 2);
        assert_eq!(pause(quick, 3, 1), Some(COMMIT_PERIOD - quick));
        assert_eq!(pause(slow, 3, 3), None);
        assert_eq!(pause(slow, 16, 1), Some(GATHERING_TIME), "fifteen more are on their way back");
        assert_eq!(pause(quick, 3, HALF_BATCH_REPORTS), None);
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
