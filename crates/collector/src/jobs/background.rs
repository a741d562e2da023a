//! Threads that run where nothing that acknowledges a report wants to.

use std::panic::AssertUnwindSafe;
use std::thread::JoinHandle;

use tokio::runtime::Handle;

use super::Surroundings;
use crate::limits::PROJECTION_RETRY as RESTART;

/// A thread that runs.
pub(super) struct Running {
    name: &'static str,
    thread: JoinHandle<()>,
}

impl Running {
    /// Waits for the thread to end.
    pub(super) async fn join(self) {
        let ended = tokio::task::spawn_blocking(|| self.thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!(thread = self.name, "it ended badly");
        }
    }
}

/// Runs the work to its end on a thread of its own, where it may block. Where it panics, that is a failure, and it starts
/// again.
pub(super) fn start<F: Future<Output = ()> + 'static>(
    name: &'static str,
    surroundings: Surroundings,
    work: fn(Surroundings) -> F,
) -> std::io::Result<Running> {
    let runtime = Handle::current();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        step_back(name);
        let once = || runtime.block_on(work(surroundings.clone()));
        while std::panic::catch_unwind(AssertUnwindSafe(once)).is_err() {
            surroundings.failed();
            tracing::error!(thread = name, "it panicked and starts again");
            if runtime.block_on(surroundings.clone().rest(RESTART)) {
                break;
            }
        }
    })?;
    Ok(Running { name, thread })
}

/// Lets everything else go first: what acknowledges a report takes the core from this thread at once. On other systems
/// it must do that this work comes in small portions.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only Linux has such a policy"))]
fn step_back(name: &str) {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{
            NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
            thread_native_id,
        };
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
            tracing::debug!(thread = name, ?error, "it keeps its priority");
        }
    }
}
