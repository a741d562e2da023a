//! Faults of a manifest, and where they stand.

use std::fmt;

/// One fault of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong, and with what.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// All faults of a manifest, in the order of their lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.0 {
            writeln!(out, "{}:{}: {} ({})", fault.line, fault.column, fault.message, fault.hint)?;
        }
        Ok(())
    }
}

/// What was found so far, by byte offset.
pub(super) struct Found<'t> {
    text: &'t str,
    faults: Vec<(usize, String, String)>,
    /// Whether the text is not TOML; what is missing may then only have been unreadable.
    pub broken: bool,
}

impl<'t> Found<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new(), broken: false }
    }

    /// Something is wrong at an offset.
    pub(super) fn add(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push((at.min(self.text.len()), message.into(), hint.into()));
    }

    /// Something that should be there is not; said only where the text could be read.
    pub(super) fn missing(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        if !self.broken {
            self.add(at, message, hint);
        }
    }

    /// All faults, or none.
    pub(super) fn finish(mut self) -> Option<Faults> {
        if self.faults.is_empty() {
            return None;
        }
        self.faults.sort_by_key(|(at, ..)| *at);
        self.faults.dedup();
        let text = self.text;
        let fault = |(at, message, hint)| {
            let (line, column) = position(text, at);
            Fault { line, column, message, hint }
        };
        Some(Faults(self.faults.into_iter().map(fault).collect()))
    }
}

/// Line and column, both from 1, the column in characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let offset = (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("a\nöx", 4), (2, 2));
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("a\n", 2), (2, 1));
    }
}
