//! What many tasks ask at the same moment is answered together: a batch costs less than its parts.
//!
//! The first of them wakes the one that gathers, and tokio runs it before the others had their turn: without care, batches
//! of one alternate with large ones.

use tokio::sync::{mpsc, oneshot};

use crate::limits::WAITING_REPORTS;
use crate::store::StoreError;

/// A question that waits, and whom to tell.
type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// The face of a task that answers questions in batches; the task ends with it.
pub struct Gatherer<Q, A>(mpsc::Sender<Asked<Q, A>>);

impl<Q: Send + 'static, A: Send + 'static> Gatherer<Q, A> {
    /// Starts the task. `answer` gets up to `most` questions and returns their answers in the same order. A lone question
    /// waits for no other.
    pub fn start(most: usize, answer: impl Fn(&[Q]) -> Vec<A> + Send + 'static) -> Self {
        let (questions, waiting) = mpsc::channel(WAITING_REPORTS);
        tokio::spawn(run(waiting, most, answer));
        Self(questions)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`StoreError::Closing`] where the runtime is stopping: the task ends before its questions only then.
    pub async fn ask(&self, question: Q) -> Result<A, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.0.send((question, answer)).await.map_err(|_| StoreError::Closing)?;
        answered.await.map_err(|_| StoreError::Closing)
    }
}

async fn run<Q, A>(
    mut waiting: mpsc::Receiver<Asked<Q, A>>,
    most: usize,
    answer: impl Fn(&[Q]) -> Vec<A> + Send + 'static,
) {
    let mut gathered = Vec::with_capacity(most);
    while waiting.recv_many(&mut gathered, most).await > 0 {
        top_up(&mut waiting, &mut gathered, most).await;
        let (questions, askers): (Vec<_>, Vec<_>) = gathered.drain(..).unzip();
        tell(askers, answer(&questions));
    }
}

/// Gives each who asked the answer in the same place.
pub fn tell<A>(askers: Vec<oneshot::Sender<A>>, answers: Vec<A>) {
    for (asker, answer) in askers.into_iter().zip(answers) {
        // Who has gone away needs no answer.
        let _gone = asker.send(answer);
    }
}

/// Adds what waits already, up to `most` in all.
pub fn take_waiting<T>(waiting: &mut mpsc::Receiver<T>, gathered: &mut Vec<T>, most: usize) {
    while gathered.len() < most
        && let Ok(next) = waiting.try_recv()
    {
        gathered.push(next);
    }
}

/// Lets the other tasks that are ready go first, then takes what has come meanwhile. Where no other task is ready, nothing
/// waits.
async fn top_up<T>(waiting: &mut mpsc::Receiver<T>, gathered: &mut Vec<T>, most: usize) {
    tokio::task::yield_now().await;
    take_waiting(waiting, gathered, most);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn tasks_that_are_ready_together_make_one_batch_and_each_gets_its_answer() {
        let sizes = |questions: &[usize]| questions.iter().map(|own| (*own, questions.len())).collect();
        let gatherer = Arc::new(Gatherer::start(32, sizes));
        let asking = tokio::spawn(async move {
            let asked = (0..64).map(|number| {
                let gatherer = gatherer.clone();
                tokio::spawn(async move { gatherer.ask(number).await })
            });
            let mut answers = Vec::new();
            for asked in asked.collect::<Vec<_>>() {
                answers.push(asked.await.unwrap().unwrap());
            }
            answers
        });
        let answers = asking.await.unwrap();
        assert!(answers.iter().enumerate().all(|(number, (own, _))| number == *own));
        assert!(answers.iter().filter(|(_, size)| *size == 32).count() >= 32, "{answers:?}");
    }
}
