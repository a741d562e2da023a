//! Words of the collector's figures, beside those of all figures.

pub use candor_web::figure::words::*;

/// Customers, counted.
pub fn customers(number: usize) -> String {
    counted(number, "customer", "customers")
}

/// The start of an installation's name, for columns that say whose names they hold.
pub fn shortened(installation: &str) -> String {
    format!("{}…", installation.chars().take(8).collect::<String>())
}

/// The start of an installation's name, as it stands for a customer that has not said who it is.
pub fn pseudonym(installation: &str) -> String {
    format!("Installation {}", shortened(installation))
}
