//! How far a snapshot has come.

/// One metric is about to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The metric's name for people.
    pub title: &'a str,
    /// Its place, from 1.
    pub number: usize,
    /// How many metrics there are.
    pub of: usize,
}
