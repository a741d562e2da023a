//! A request that had no answer: why, and whether its bytes can have left at all.

use std::io;

use rustls::CertificateError;
use ureq::http::Uri;
use ureq::{Error, Proxy, Timeout};

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
    /// What this error of the HTTP client means for a request to this address, by way of this proxy.
    pub fn of(url: &str, proxy: Option<&Proxy>, error: &Error) -> Self {
        let avoided = |proxy: &&Proxy| url.parse::<Uri>().is_ok_and(|uri| proxy.is_no_proxy(&uri));
        let proxy = proxy.filter(|proxy| !avoided(proxy));
        // Not the proxy's whole address: it may hold a password.
        let by = proxy.map_or_else(String::new, |proxy| {
            format!(" by way of the proxy {}:{}", proxy.host(), proxy.port())
        });
        Self {
            why: format!("{url}{by}: {}", words(error, proxy.is_some())),
            may_have_left: !ended_before_the_request(error),
        }
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
        Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused || certificate(error).is_some(),
        Error::Rustls(rustls::Error::InvalidCertificate(_)) => true,
        _ => false,
    }
}

/// What is wrong with a certificate, where that is what it is. One is looked at before anything is sent over its connection.
fn certificate(error: &io::Error) -> Option<&CertificateError> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(fault) => Some(fault),
        _ => None,
    }
}

/// What went wrong, and what to do about it where an administrator can do something.
fn words(error: &Error, is_by_proxy: bool) -> String {
    match error {
        Error::Io(inner) => match certificate(inner) {
            Some(fault) => certificate_words(fault),
            None => inner.to_string(),
        },
        Error::Rustls(rustls::Error::InvalidCertificate(fault)) => certificate_words(fault),
        Error::HostNotFound if is_by_proxy => "the proxy's name is not known".to_owned(),
        Error::HostNotFound => "its name is not known".to_owned(),
        Error::Timeout(_) => "no answer within the deadline".to_owned(),
        Error::ConnectProxyFailed(reason) if reason.contains("407") => "the proxy asks for a name and a password \
             (407): put them into its address, http://name:password@host:port, in the settings file (proxy) or in \
             HTTPS_PROXY"
            .to_owned(),
        Error::ConnectProxyFailed(reason) => {
            format!("the proxy does not let it through ({reason}): let it connect to that address")
        }
        other => other.to_string(),
    }
}

fn certificate_words(fault: &CertificateError) -> String {
    match fault {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate is for another name ({fault}): nothing was sent to it")
        }
        CertificateError::UnknownIssuer => format!(
            "its certificate is not trusted ({fault}): where it comes from an authority of your own, name that one's \
             certificate in the settings file (ca_file)"
        ),
        other => format!("its certificate is not trusted ({other})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_ended_early_is_said_to_have_stayed() {
        let stayed = |error: Error| !Unanswered::of("https://there", None, &error).may_have_left;
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(stayed(Error::HostNotFound) && stayed(Error::Io(refused())));
        assert!(stayed(Error::ConnectProxyFailed("407".to_owned())));
        assert!(!stayed(Error::Timeout(Timeout::Global)), "it may have been waiting for the answer");
        assert!(!stayed(Error::Io(io::ErrorKind::ConnectionReset.into())));
    }
}
