//! Room for open files: each connection is one.

#[cfg(unix)]
use crate::limits::OPEN_FILES;

/// Lets the process have as many files open as it may have at most, and the system make room for many of them at once. Where
/// its table grows later, whoever accepts a connection waits until all processors have taken note: 15 ms (measured). To be
/// called before there are other threads, when nobody waits.
#[cfg(unix)]
pub fn make_room() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Some systems name no maximum, and yet take no limit that is none.
    let raised = [maximum, Some(OPEN_FILES)]
        .into_iter()
        .any(|current| setrlimit(Resource::Nofile, Rlimit { current, maximum }).is_ok());
    if !raised {
        tracing::warn!("the limit on open files, and with it on connections, stays as it is");
    }
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let last = i32::try_from(OPEN_FILES.min(allowed).saturating_sub(1)).unwrap_or(i32::MAX);
    // The table grows for it, and stays as large once it is closed again.
    if let Err(error) = rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), last) {
        tracing::debug!(%error, "no room was made for open files");
    }
}

/// Other systems do this by themselves.
#[cfg(not(unix))]
pub fn make_room() {}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;

    #[test]
    fn the_process_may_open_as_many_files_as_it_is_allowed_at_most() {
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: Some(512), maximum }).unwrap();
        make_room();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
