//! An entry of the audit log, and the digest that the next one carries.

use candor_policy::Digest;
use jiff::Timestamp;
use rusqlite::Row;

use super::{StoreError, moment, read_moment};

/// What is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody signed in.
    SignedIn,
    /// Somebody tried to sign in with a wrong name or password.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// Somebody chose another password.
    PasswordChanged,
    /// Somebody chose another password through a one-time link.
    PasswordReset,
    /// An account was created.
    AccountCreated,
    /// An account was removed.
    AccountRemoved,
    /// A one-time link was created.
    LinkCreated,
    /// A policy version was published.
    PolicyPublished,
    /// Customer-level data was viewed.
    CustomerViewed,
    /// Data was exported.
    Exported,
    /// The collector's key was followed by another, with its word or without.
    KeyChanged,
    /// What could be read of a damaged journal was taken into a new one.
    JournalSalvaged,
    /// A voucher was revoked.
    VoucherRevoked,
    /// An installation was blocked.
    InstallationBlocked,
    /// A blocked installation was let in again.
    InstallationUnblocked,
    /// What an installation had sent was erased.
    InstallationRemoved,
    /// The end of this log was not the one that was signed.
    ChainBroken,
}

impl Action {
    const ALL: [Self; 18] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::AccountCreated,
        Self::AccountRemoved,
        Self::LinkCreated,
        Self::PolicyPublished,
        Self::CustomerViewed,
        Self::Exported,
        Self::KeyChanged,
        Self::JournalSalvaged,
        Self::VoucherRevoked,
        Self::InstallationBlocked,
        Self::InstallationUnblocked,
        Self::InstallationRemoved,
        Self::ChainBroken,
    ];

    /// The action of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// For people, after the name of whoever did it.
    pub fn title(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::SignInFailed => "failed to sign in",
            Self::SignedOut => "signed out",
            Self::PasswordChanged => "changed a password",
            Self::PasswordReset => "reset a password",
            Self::AccountCreated => "created an account",
            Self::AccountRemoved => "removed an account",
            Self::LinkCreated => "created a one-time link",
            Self::PolicyPublished => "published a policy",
            Self::CustomerViewed => "viewed customers",
            Self::Exported => "exported",
            Self::KeyChanged => "changed the collector's key",
            Self::JournalSalvaged => "salvaged the journal",
            Self::VoucherRevoked => "revoked a voucher",
            Self::InstallationBlocked => "blocked an installation",
            Self::InstallationUnblocked => "let an installation in again",
            Self::InstallationRemoved => "erased an installation's reports",
            Self::ChainBroken => "found the log changed",
        }
    }

    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::SignedOut => "signed-out",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::AccountCreated => "account-created",
            Self::AccountRemoved => "account-removed",
            Self::LinkCreated => "link-created",
            Self::PolicyPublished => "policy-published",
            Self::CustomerViewed => "customer-viewed",
            Self::Exported => "exported",
            Self::KeyChanged => "key-changed",
            Self::JournalSalvaged => "journal-salvaged",
            Self::VoucherRevoked => "voucher-revoked",
            Self::InstallationBlocked => "installation-blocked",
            Self::InstallationUnblocked => "installation-unblocked",
            Self::InstallationRemoved => "installation-removed",
            Self::ChainBroken => "chain-broken",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1, without gaps.
    pub entry: i64,
    /// When it was appended.
    pub at: Timestamp,
    /// An account's name, or what acted without one.
    pub actor: String,
    /// A word of [`Action`].
    pub action: String,
    /// What was looked at or changed.
    pub subject: String,
}

/// An entry to append.
#[derive(Clone, Debug)]
pub(super) struct NewEntry {
    pub at: Timestamp,
    pub actor: String,
    pub action: Action,
    pub subject: String,
}

/// What the first entry follows.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

pub(super) fn read(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        entry: row.get("entry")?,
        at: read_moment(row.get("at")?)?,
        actor: row.get("actor")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
    })
}

/// The digest of an entry: over its fields, each after its length, so that no two entries have the same bytes.
pub(super) fn digest_of(entry: &AuditEntry, previous: &[u8; 32]) -> Digest {
    let mut bytes = previous.to_vec();
    let (number, at) = (entry.entry.to_string(), moment(entry.at).to_string());
    for field in [&number, &at, &entry.actor, &entry.action, &entry.subject] {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    Digest::of(&bytes)
}
