//! The collector's keys in order, in `collector.succession`: a line for each change. A key that was rotated has signed for the one
//! that follows it, and sites believe that; one that was lost or stolen was replaced, and only a new policy tells sites of it.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};
use candor_policy::succession::{Succession, field};
use candor_policy::{Policy, PublicKey};
use jiff::Timestamp;

use crate::store::PublishedPolicy;

const FILE: &str = "collector.succession";
/// What a line begins with where no key signed it.
const REPLACED: &str = "replaced";

/// A change of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The key before it signed for it.
    Rotated(Succession),
    /// Nobody signed for it.
    Replaced {
        /// The key that is no longer used.
        from: PublicKey,
        /// The key that is.
        to: PublicKey,
        /// When, UTC.
        at: Timestamp,
    },
}

impl Change {
    fn keys(&self) -> (PublicKey, PublicKey) {
        match self {
            Self::Rotated(succession) => (succession.from, succession.to),
            Self::Replaced { from, to, .. } => (*from, *to),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Rotated(succession) => succession.to_string(),
            Self::Replaced { from, to, at } => format!("{REPLACED} {from} {to} {at}"),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let Some(words) = line.strip_prefix(REPLACED) else {
            return Succession::parse(line).filter(Succession::holds).map(Self::Rotated);
        };
        let mut words = words.split_whitespace();
        Some(Self::Replaced {
            from: PublicKey::parse(words.next()?)?,
            to: PublicKey::parse(words.next()?)?,
            at: words.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = self.keys();
        match self {
            Self::Rotated(_) => write!(out, "{from} signed for {to}, which follows it"),
            Self::Replaced { .. } => write!(out, "{from} was replaced by {to}"),
        }
    }
}

/// All changes, in order.
///
/// # Errors
/// Where the file cannot be read, or a line of it is not valid.
pub fn read(folder: &Path) -> anyhow::Result<Vec<Change>> {
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    let line =
        |line: &str| Change::parse(line).with_context(|| format!("{}: not valid: {line}", path.display()));
    text.lines().map(line).collect()
}

/// Adds a change that is not there yet, durably.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn add(folder: &Path, change: &Change) -> anyhow::Result<()> {
    let mut changes = read(folder)?;
    if changes.iter().any(|known| known.keys() == change.keys()) {
        return Ok(());
    }
    changes.push(*change);
    let text: String = changes.iter().map(|change| change.line() + "\n").collect();
    let (path, unfinished) = (folder.join(FILE), folder.join("collector.succession.new"));
    let write = || {
        let mut file = std::fs::File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// What answers carry, where a key has signed for another.
///
/// # Errors
/// Where the file cannot be read.
pub fn answers_field(folder: &Path) -> anyhow::Result<Option<String>> {
    let signed: Vec<Succession> = read(folder)?
        .into_iter()
        .filter_map(|change| match change {
            Change::Rotated(succession) => Some(succession),
            Change::Replaced { .. } => None,
        })
        .collect();
    Ok((!signed.is_empty()).then(|| field(&signed)))
}

/// Holds the key against the policies: the newest one names it, or one that it followed.
///
/// # Errors
/// Where it is another collector's.
pub fn check(folder: &Path, key: &PublicKey, policies: &[PublishedPolicy]) -> anyhow::Result<()> {
    let newest = policies.iter().max_by_key(|policy| (policy.published_at, policy.number));
    let Some(Ok(newest)) = newest.map(|policy| Policy::read(&policy.manifest)) else { return Ok(()) };
    let changes = read(folder)?;
    let mut named = newest.collector.public_key;
    for _ in 0..=changes.len() {
        if named == *key {
            return Ok(());
        }
        let Some(change) = changes.iter().find(|change| change.keys().0 == named) else { break };
        named = change.keys().1;
    }
    bail!(
        "collector.key in {} is not this collector's: policy {} {} names {}, and the key is {key}. Restore collector.key (and \
         {FILE}, where there is one) from the backup of this folder",
        folder.display(),
        newest.id,
        newest.version,
        newest.collector.public_key
    )
}
