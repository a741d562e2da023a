//! What many tasks ask at the same moment is answered together: a batch costs less than its parts.
//!
//! A [`Gatherer`] is a task. The first of those who ask wakes it, and tokio runs it before the others had their turn: without
//! care, batches of one alternate with large ones. A thread that answers batches keeps a [`Pace`] and tells them through
//! [`tell_all`].

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
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

/// Answers tasks from a thread. The answers are given within the runtime: from outside, each would wake it by itself.
pub fn tell_all<A: Send + 'static>(runtime: &Handle, askers: Vec<oneshot::Sender<A>>, answers: Vec<A>) {
    runtime.spawn(async move { tell(askers, answers) });
}

fn tell<A>(askers: Vec<oneshot::Sender<A>>, answers: Vec<A>) {
    for (asker, answer) in askers.into_iter().zip(answers) {
        // Who has gone away needs no answer.
        let _gone = asker.send(answer);
    }
}

/// Keeps the beginnings of batches a period apart, on a thread that may block; a full one waits for nothing.
pub struct Pace {
    period: Duration,
    began: Option<Instant>,
}

impl Pace {
    /// A period; the first batch begins at once.
    pub fn of(period: Duration) -> Self {
        Self { period, began: None }
    }

    /// Waits until the next batch may begin, and adds what has come by then, up to `most` in all.
    pub fn gather<T>(&mut self, waiting: &mut mpsc::Receiver<T>, gathered: &mut Vec<T>, most: usize) {
        let left = self.began.and_then(|began| self.period.checked_sub(began.elapsed()));
        if let Some(left) = left.filter(|_| gathered.len() < most) {
            std::thread::sleep(left);
        }
        self.began = Some(Instant::now());
        take_waiting(waiting, gathered, most);
    }
}

fn take_waiting<T>(waiting: &mut mpsc::Receiver<T>, gathered: &mut Vec<T>, most: usize) {
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
