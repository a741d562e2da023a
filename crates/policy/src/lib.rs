//! The collection policy and the report, as values.
//!
//! This crate owns what may be collected ([`Policy`]), what a site says ([`Report`]), the one function that holds the
//! second against the first ([`admit`]), and the words of the wire: digests, signatures, receipts, problem codes.
//! It refuses to look at a clock, a disk or a network: values in, values out.

mod admit;
pub mod answer;
mod consent;
mod detector;
pub mod diff;
mod digest;
mod histogram;
mod identifiers;
pub mod identity_text;
pub mod key_pattern;
pub mod limits;
pub mod manifest;
mod markdown_text;
pub mod message;
mod policy;
mod problem;
mod receipt;
pub mod redact;
mod release;
#[cfg(feature = "render")]
pub mod render;
mod report;
#[cfg(feature = "schema")]
pub mod schema;
pub mod succession;
mod value;
pub mod voucher;
pub mod wire_paths;

pub use admit::{Admitted, Refusal, admit};
pub use consent::{ConsentMode, ConsentReference, ConsentState, Scope};
pub use detector::Detector;
pub use digest::Digest;
pub use histogram::Histogram;
pub use identifiers::{CategoryId, InstallationId, MetricId, PolicyId, PublicKey, PurposeId, SourceId};
pub use key_pattern::KeyPattern;
pub use policy::{
    AllowList, Carrier, Category, CollectorAddress, Dimension, Identifies, Metric, MetricType, Origin,
    Policy, Purpose, Redaction, RedactionForm, Sensitivity, Source, SourceKind, TextRule, TransportForm,
};
pub use problem::{Problem, ProblemCode, Retry};
pub use receipt::{Enrolled, Enrolment, Outcome, OutcomeKind, Receipt};
pub use release::{Collected, Release, Releases};
pub use report::{Flow, FlowStep, NotMeasured, ParseError, Period, PolicyReference, Reason, Report, Usage};
pub use value::{Entry, Redacted, Value};

/// Time, asked for and never taken: the binaries pass the system's clock, the tests one that they move by hand.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> jiff::Timestamp;

    /// The present moment of a clock that nobody sets: for how often and for how long.
    fn instant(&self) -> std::time::Instant;
}
