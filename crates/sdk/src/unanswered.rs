//! A request that had no answer: why, and whether its bytes can have left at all.

use std::io;

use ureq::{Error, Timeout};

/// No answer came that could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unanswered {
    /// Why, for people.
    pub why: String,
    /// Whether the request may have left. Where it is not certain that it did not, it may have.
    pub may_have_left: bool,
}

impl Unanswered {
    /// What this error of the HTTP client means for a request to this address.
    pub fn of(url: &str, error: &Error) -> Self {
        Self { why: format!("{url}: {}", words(error)), may_have_left: !ended_before_the_request(error) }
    }

    /// An answer that began and did not end.
    pub fn broken_off(url: &str, error: &Error) -> Self {
        Self { why: format!("{url}: the answer broke off: {error}"), may_have_left: true }
    }
}

/// Whether the way was never open: no name, no connection, no proxy, no certificate to trust.
fn ended_before_the_request(error: &Error) -> bool {
    match error {
        Error::HostNotFound
        | Error::ConnectionFailed
        | Error::ConnectProxyFailed(_)
        | Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused || is_certificate(error),
        _ => false,
    }
}

/// A certificate is looked at before anything is sent over its connection.
fn is_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// What went wrong, and what to do about it where an administrator can do something.
fn words(error: &Error) -> String {
    match error {
        Error::Io(inner) if is_certificate(inner) => format!(
            "its certificate is not trusted ({inner}); where it comes from an authority of your own, name that one's \
             certificate in the settings file (ca_file)"
        ),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_ended_early_is_said_to_have_stayed() {
        let stayed = |error: Error| !Unanswered::of("https://there", &error).may_have_left;
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(stayed(Error::HostNotFound) && stayed(Error::Io(refused())));
        assert!(stayed(Error::ConnectProxyFailed("407".to_owned())));
        assert!(!stayed(Error::Timeout(Timeout::Global)), "it may have been waiting for the answer");
        assert!(!stayed(Error::Io(io::ErrorKind::ConnectionReset.into())));
    }
}
