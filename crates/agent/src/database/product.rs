//! Which database product it is: what every connector says of its own.

/// Which database it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseFacts {
    /// Such as "PostgreSQL".
    pub product: String,
    /// Such as "15.18".
    pub version: String,
    /// Such as "Express"; where a product comes in one edition alone, [`Self::SINGLE_EDITION`].
    pub edition: String,
}

impl DatabaseFacts {
    /// The edition of a product that has no editions. It is known, so it is not "not measured".
    pub const SINGLE_EDITION: &str = "Single edition";
}
