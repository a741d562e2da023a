//! Refusals: RFC 9457 problem details with a stable code. Declared once, for the collector that answers and for the
//! SDK that must know whether to try again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a sender does after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Keeps the report and sends it again later.
    Later,
    /// Enrols its key first.
    AfterEnrolment,
    /// Keeps the report where an administrator sees it, and sends it no more by itself. Only for what is wrong with the
    /// report itself: a proxy or an address that is set up wrongly must not condemn all that waits.
    Never,
}

/// Declares the codes with status, title and what the sender does next.
macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $retry:ident, $title:literal;)*) => {
        /// A refusal's stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The title for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What the sender does next.
            pub fn retry(self) -> Retry {
                match self { $(Self::$variant => Retry::$retry,)* }
            }
        }
    };
}

problem_codes! {
    /// Not JSON, cut off, or a field that every report has is missing.
    MalformedReport = "malformed-report", 400, Never, "The body is not a report";
    /// The body does not decompress.
    MalformedEncoding = "malformed-encoding", 400, Never, "The body does not decompress";
    /// The signature's headers are missing or not readable.
    MalformedSignature = "malformed-signature", 400, Later, "The signature's headers cannot be read";
    /// The body's digest is not the one that was signed.
    DigestMismatch = "digest-mismatch", 400, Later, "The body is not the one that was signed";
    /// The address, the form or a field cannot be read.
    MalformedRequest = "malformed-request", 400, Later, "The request cannot be read";
    /// A page or endpoint of the staff, and nobody is signed in.
    NotSignedIn = "not-signed-in", 401, Later, "Not signed in";
    /// The installation's key was never enrolled.
    UnknownInstallation = "unknown-installation", 401, AfterEnrolment, "The installation is not enrolled";
    /// The signature does not verify.
    BadSignature = "bad-signature", 401, Later, "The signature does not verify";
    /// The report names another installation than the one that signed.
    WrongInstallation = "wrong-installation", 403, Never, "The report names another installation";
    /// A request to a page or endpoint without the right to it.
    NotAllowed = "not-allowed", 403, Later, "Not allowed";
    /// The vendor takes nothing more from this installation.
    InstallationBlocked = "installation-blocked", 403, Later, "The installation is blocked";
    /// There is nothing at this address.
    NotFound = "not-found", 404, Later, "Not found";
    /// The method does not fit the address.
    MethodNotAllowed = "method-not-allowed", 405, Later, "Method not allowed";
    /// The body did not arrive in time.
    TooSlow = "too-slow", 408, Later, "The body did not arrive in time";
    /// The body is larger than allowed, before or after decompression.
    TooLarge = "too-large", 413, Never, "The body is too large";
    /// The media type is not `application/json`.
    UnsupportedMediaType = "unsupported-media-type", 415, Later, "The media type is not supported";
    /// The encoding is none of identity, gzip and zstd.
    UnsupportedEncoding = "unsupported-encoding", 415, Later, "The content encoding is not supported";
    /// The policy, in this version and with this digest, was never published here.
    UnknownPolicy = "unknown-policy", 422, Later, "The policy is not published here";
    /// The policy has no such source, or the source has no such application.
    UnknownSource = "unknown-source", 422, Never, "The policy has no such source";
    /// The report's header breaks its own rules.
    InvalidHeader = "invalid-header", 422, Never, "The report's header is not valid";
    /// The sender's clock is too far from the collector's.
    ClockSkew = "clock-skew", 422, Later, "The sender's clock is off";
    /// The report's period lies in the future or too far in the past.
    PeriodOutOfRange = "period-out-of-range", 422, Never, "The period is out of range";
    /// Too many requests.
    RateLimited = "rate-limited", 429, Later, "Too many requests";
    /// The collector failed; nothing was stored.
    Internal = "internal", 500, Later, "The collector failed";
    /// The collector is starting, stopping or overloaded.
    Unavailable = "unavailable", 503, Later, "The collector is not available";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Problem details, `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:candor:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, to what, and what to do.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The name under which the server's log knows the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A refusal with its detail.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:candor:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Guards against a proxy's wrong path or a stripped header that empties a spool for good.
    #[test]
    fn only_what_is_wrong_with_a_report_is_refused_for_good() {
        let never: Vec<&str> = ProblemCode::ALL
            .iter()
            .filter(|code| code.retry() == Retry::Never)
            .map(|code| code.word())
            .collect();
        let about_the_report = [
            "malformed-report",
            "malformed-encoding",
            "wrong-installation",
            "too-large",
            "unknown-source",
            "invalid-header",
            "period-out-of-range",
        ];
        assert_eq!(never, about_the_report);
    }
}
