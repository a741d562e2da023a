//! The limit on open files: each connection is one.

/// Raises the limit to the most that the process may have. Service managers start programs with 1,024.
#[cfg(unix)]
pub fn raise_fd_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit on open files, and with it on connections, stays as it is");
    }
}

/// Other systems set no such limit.
#[cfg(not(unix))]
pub fn raise_fd_limit() {}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;

    #[test]
    fn the_process_may_open_as_many_files_as_it_is_allowed_at_most() {
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: Some(512), maximum }).unwrap();
        raise_fd_limit();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
