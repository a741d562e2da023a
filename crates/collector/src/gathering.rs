//! What many tasks hand to one at the same moment becomes one batch.
//!
//! The first of them wakes the one that gathers, and tokio runs it before the others had their turn: without care, batches
//! of one alternate with large ones.

use tokio::sync::mpsc;

/// Lets the other tasks that are ready go first, then takes what has come meanwhile, up to `most` in all. Where no other
/// task is ready, nothing waits.
pub async fn top_up<T>(waiting: &mut mpsc::Receiver<T>, gathered: &mut Vec<T>, most: usize) {
    tokio::task::yield_now().await;
    while gathered.len() < most
        && let Ok(next) = waiting.try_recv()
    {
        gathered.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn tasks_that_are_ready_together_make_one_batch() {
        let (send, mut waiting) = mpsc::channel(64);
        let gatherer = tokio::spawn(async move {
            let mut gathered = Vec::new();
            waiting.recv_many(&mut gathered, 64).await;
            top_up(&mut waiting, &mut gathered, 32).await;
            gathered.len()
        });
        let senders = tokio::spawn(async move {
            for number in 0..64 {
                let send = send.clone();
                tokio::spawn(async move { send.send(number).await });
            }
        });
        senders.await.unwrap();
        assert_eq!(gatherer.await.unwrap(), 32);
    }
}
