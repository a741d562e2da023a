//! The paths of the wire, below the collector's address. A signature covers them, so both sides name the same ones.

/// Takes an installation's public key.
pub const INSTALLATIONS: &str = "/v1/installations";
/// Takes reports.
pub const REPORTS: &str = "/v1/reports";
