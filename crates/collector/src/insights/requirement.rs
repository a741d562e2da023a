//! What could be required of installations, as it stands in an address: `os:Windows Server 2012`.

use std::fmt;

/// What would be required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Of what.
    pub subject: Subject,
    /// The least that would do.
    pub minimum: String,
}

/// What can be required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A version of the operating system.
    OperatingSystem,
    /// A version of the database.
    Database,
    /// A version of the product itself.
    Product,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OperatingSystem, Self::Database, Self::Product];

    /// Its word in an address.
    pub fn word(self) -> &'static str {
        match self {
            Self::OperatingSystem => "os",
            Self::Database => "database",
            Self::Product => "product",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::OperatingSystem => "Operating system",
            Self::Database => "Database",
            Self::Product => "Product version",
        }
    }
}

impl Requirement {
    /// Reads `os:Windows Server 2012`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, minimum) = text.split_once(':')?;
        let subject = Subject::ALL.into_iter().find(|subject| subject.word() == word)?;
        (!minimum.is_empty()).then(|| Self { subject, minimum: minimum.to_owned() })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.subject.word(), self.minimum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_survives_its_address() {
        for text in ["os:Windows Server 2012", "database:PostgreSQL 15.4", "product:lucity:2015r2 SP1"] {
            assert_eq!(Requirement::parse(text).map(|require| require.to_string()).as_deref(), Some(text));
        }
        for bad in ["", "os", "os:", "moon:1"] {
            assert_eq!(Requirement::parse(bad), None, "{bad}");
        }
    }
}
