//! How a collector is started.

/// The configuration, checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The address that browsers and installations use, without a closing slash; none: the one listened on.
    pub public_url: Option<String>,
}
