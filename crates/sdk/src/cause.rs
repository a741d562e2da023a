//! Why nothing may be gathered: what an error, a delivery's end and a consent's status have in common.

use std::fmt;
use std::path::PathBuf;

use candor_policy::{CategoryId, MetricId};
use jiff::Timestamp;

/// Why nothing may be gathered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nobody has decided yet.
    NotAsked,
    /// Collection was denied.
    Denied {
        /// By whom.
        actor: String,
        /// When.
        at: Timestamp,
    },
    /// An environment variable refuses it for this process.
    Environment(&'static str),
    /// The machine's settings refuse it.
    MachineSettings(PathBuf),
    /// A settings file cannot be understood, and might have said "denied".
    Settings(SettingsFault),
    /// The consent ledger does not hold.
    Ledger(LedgerFault),
    /// What every report's header says, the application and its version, may not be gathered.
    Header {
        /// The first such metric.
        metric: MetricId,
        /// Its category.
        category: CategoryId,
        /// Why it may not be gathered.
        bar: Bar,
    },
    /// What was to be reported lies before the consent.
    BeforeConsent {
        /// When consent was granted.
        granted_at: Timestamp,
    },
    /// Consent was decided anew since the report was prepared.
    DecidedAnew,
    /// This machine's clock is further behind the consent than clocks are set back in the ordinary way.
    ClockBehind {
        /// When consent was granted.
        granted_at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
}

/// Why a metric may not be gathered although consent as such was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// The consent leaves its category out.
    NotGranted,
    /// The machine's settings refuse its category.
    Refused,
    /// Today's policy asks for it anew.
    Held,
}

impl Cause {
    /// Whether an administrator has refused collection for the site as a whole, so that nothing may go on waiting.
    pub(crate) fn empties_the_spool(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::MachineSettings(_))
    }

    /// What to do about it, for people.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotAsked | Self::Denied { .. } => "`candor consent grant` allows it",
            Self::Environment(_) => "unset the variable to leave the decision to the consent",
            Self::MachineSettings(_) => "the machine's administrator decides in that file",
            Self::Settings(_) => {
                "correct the file or the variable that names it; until then nothing is gathered"
            }
            Self::Ledger(_) => {
                "`candor consent deny` or `grant` records a decision anew and sets the ledger aside"
            }
            Self::Header { bar: Bar::NotGranted, .. } => {
                "name that category too, `candor consent grant --category …`, or deny as a whole: `candor consent deny`"
            }
            Self::Header { bar: Bar::Refused, .. } => {
                "the machine's administrator decides in the settings file"
            }
            Self::Header { bar: Bar::Held, .. } => {
                "read today's policy, then accept it: `candor consent grant`"
            }
            Self::BeforeConsent { .. } => "nothing from before a consent ever leaves",
            Self::DecidedAnew => "gather again",
            Self::ClockBehind { .. } => "set the clock, or grant again",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => out.write_str("nobody was asked for consent yet"),
            Self::Denied { actor, at } => write!(out, "collection was denied by {actor} at {at:.0}"),
            Self::Environment(name) => write!(out, "the environment variable {name} refuses collection"),
            Self::MachineSettings(file) => write!(out, "collection is denied in {}", file.display()),
            Self::Settings(fault) => write!(out, "the settings cannot be understood: {fault}"),
            Self::Ledger(fault) => write!(out, "the consent ledger does not hold: {fault}"),
            Self::Header { metric, category, bar } => {
                match bar {
                    Bar::NotGranted => write!(out, "the consent leaves out the category `{category}`")?,
                    Bar::Refused => write!(out, "the machine's settings refuse the category `{category}`")?,
                    Bar::Held => write!(out, "today's policy asks anew for consent to `{category}`")?,
                }
                write!(out, ", and every report carries its metric `{metric}`")
            }
            Self::BeforeConsent { granted_at } => {
                write!(out, "the period ends before the consent of {granted_at:.0}")
            }
            Self::DecidedAnew => out.write_str("consent was decided anew since the report was prepared"),
            Self::ClockBehind { granted_at, now } => {
                write!(
                    out,
                    "the consent is of {granted_at:.0}, later than this machine's clock says ({now:.0})"
                )
            }
        }
    }
}

/// Why a ledger does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct LedgerFault {
    /// The ledger's file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What does not hold.
    pub what: &'static str,
}

/// A settings file that cannot be read or understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {what}", file.display(), line.map_or_else(String::new, |line| format!(", line {line}")))]
pub struct SettingsFault {
    /// The file.
    pub file: PathBuf,
    /// From 1, where the fault has a line.
    pub line: Option<usize>,
    /// What is wrong there.
    pub what: String,
}
