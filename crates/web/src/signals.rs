//! What the service manager, or somebody at the terminal, asks of a running server.

use std::io;

/// Ctrl-C, or the service manager's word, from here on: one that comes while the program starts is not lost, and none ends it in
/// disorder.
///
/// # Errors
/// Where the system refuses to deliver them.
#[cfg(unix)]
pub fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupted.recv() => {}, _ = terminated.recv() => {} }
    })
}

/// Ctrl-C, from here on.
///
/// # Errors
/// Where the system refuses to deliver it.
#[cfg(not(unix))]
pub fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupted.recv().await;
    })
}

/// SIGHUP, by which service managers ask for what has changed on disk to be read again; never where the system has none.
pub(crate) struct AskedToReload {
    #[cfg(unix)]
    hangups: Option<tokio::signal::unix::Signal>,
}

impl AskedToReload {
    /// Listens from here on; call it on a runtime.
    pub(crate) fn listen() -> Self {
        Self {
            #[cfg(unix)]
            hangups: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(hangups) = &mut self.hangups
            && hangups.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
