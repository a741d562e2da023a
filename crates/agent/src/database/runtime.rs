//! Where asynchronous drivers meet a blocking caller: one thread, one runtime, for one call.

use std::future::Future;

use candor_policy::Reason;

use super::Failure;

/// Runs a future to its end on the caller's thread. What may still hang when it is done, such as the system's name
/// look-up, is left behind and not waited for.
///
/// # Errors
/// [`Failure`] where the system gives no runtime: out of threads or file handles.
pub fn run<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::new(Reason::Failed, format!("the system gives no more threads or file handles ({error})"))
    })?;
    let result = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(result)
}
