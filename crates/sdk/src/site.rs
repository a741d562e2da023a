//! The site: the SDK's face. One value per policy and state folder; every call looks at consent anew.
//!
//! No panic gets past it: each public call is contained, and what was contained is counted.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use candor_policy::voucher::Voucher;
use candor_policy::{Clock, ConsentMode, ConsentState, Digest, Policy, Scope};
use uuid::Uuid;

use crate::Error;
use crate::cause::Cause;
use crate::consent::{ConsentStatus, Entry};
use crate::delivery::{Delivery, deliver};
use crate::draft::{Draft, Prepared};
use crate::environment::Environment;
use crate::folder::StateFolder;
use crate::inner::{Inner, STATE_LOCK};
use crate::key::{InstallationKey, site_secret};
use crate::limits::LOCK_WAIT;
use crate::losses::{Counts, Loss, Losses};
use crate::sending::SentReport;
use crate::settings::SettingsFile;
use crate::spool::RefusedReport;

/// Everything that a site needs; nothing is taken from elsewhere.
pub struct SiteSettings {
    /// What may be collected.
    pub policy: Policy,
    /// Where consent, keys, spool and sent log are; see [`crate::paths::state_folder`].
    pub state_folder: PathBuf,
    /// The machine's settings files, the first wins; see [`crate::paths::settings_files`].
    pub settings_files: Vec<SettingsFile>,
    /// The environment's variables.
    pub environment: Environment,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The voucher that came with the product; without it, the one that the machine's settings name.
    pub voucher: Option<Voucher>,
}

/// A site under one policy.
#[derive(Clone)]
pub struct Site {
    inner: Arc<Inner>,
}

/// A report that waits, as it will leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingReport {
    /// The report.
    pub report_id: Uuid,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The very bytes that will leave, before compression.
    pub bytes: Vec<u8>,
}

impl Site {
    /// A site. Nothing is read or written yet.
    pub fn open(settings: SiteSettings) -> Self {
        let folder = StateFolder::new(settings.state_folder);
        let losses = Losses::new(folder.clone());
        let inner = Inner {
            policy: Arc::new(settings.policy),
            folder,
            environment: settings.environment,
            clock: settings.clock,
            voucher: settings.voucher,
            losses,
            settings_files: settings.settings_files,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Where reports go: to the policy's collector, or to the relay that this machine's settings name.
    pub fn collector_url(&self) -> String {
        let settings = self.inner.settings().unwrap_or_default();
        settings.collector_url.unwrap_or_else(|| self.inner.policy.collector.url.clone())
    }

    /// The state folder.
    pub fn state_folder(&self) -> &std::path::Path {
        self.inner.folder.path()
    }

    /// The consent as it is now.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn consent(&self) -> Result<ConsentStatus, Error> {
        self.contained(|inner| inner.status())
    }

    /// Records that `actor` grants consent within a scope, under today's policy.
    ///
    /// # Errors
    /// Where the scope names a category that the policy does not have, or the ledger cannot be written.
    pub fn grant(&self, scope: Scope, actor: &str) -> Result<Entry, Error> {
        self.contained(|inner| {
            inner.check_scope(&scope)?;
            let lock = inner.folder.lock(STATE_LOCK)?;
            inner.decide(&lock, ConsentState::Granted, scope, actor)
        })
    }

    /// Records that `actor` denies consent. From here on nothing is gathered, and what waited never leaves; a submission
    /// that is on the wire at this very moment cannot be called back.
    ///
    /// # Errors
    /// [`Error::Unrecorded`] where the denial holds and another process keeps the ledger from saying so; others where the ledger
    /// or the spool cannot be written.
    pub fn deny(&self, actor: &str) -> Result<Entry, Error> {
        self.contained(|inner| {
            let Ok(lock) = inner.folder.lock(STATE_LOCK) else {
                inner.note_denial(actor)?;
                return Err(Error::Unrecorded { path: inner.folder.path().join(STATE_LOCK) });
            };
            inner.decide(&lock, ConsentState::Denied, Scope::Categories(BTreeSet::new()), actor)
        })
    }

    /// Records what the policy's mode says where nobody can be asked, such as a silent installation. A decision that
    /// somebody has taken already stands, and so does one that can no longer be read: it might have been a denial.
    ///
    /// # Errors
    /// [`Error::MustAsk`] where the policy is opt-in; [`Error::NotAllowed`] where the ledger does not hold.
    pub fn record_default(&self, actor: &str) -> Result<Option<Entry>, Error> {
        self.contained(|inner| {
            let lock = inner.folder.lock(STATE_LOCK)?;
            let status = inner.status()?;
            if let Some(fault) = status.causes.iter().find(|cause| matches!(cause, Cause::Ledger(_))) {
                return Err(Error::NotAllowed(fault.clone()));
            }
            let is_denied = status.causes.iter().any(|cause| matches!(cause, Cause::Denied { .. }));
            if status.decision.is_some() || is_denied {
                return Ok(None);
            }
            match inner.policy.consent_mode {
                ConsentMode::OptIn => Err(Error::MustAsk),
                ConsentMode::OptOut => {
                    inner.decide(&lock, ConsentState::Granted, Scope::All, actor).map(Some)
                }
            }
        })
    }

    /// Begins a report, with the facts that the SDK takes itself. Where consent does not allow it, nothing is gathered.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] with the cause; [`Error::Refused`] where the policy does not know the source or the
    /// application.
    pub fn draft(&self, source: &str, application: &str, version: &str) -> Result<Draft, Error> {
        self.contained(|inner| {
            let source = inner.source(source, application)?;
            let grant = inner.allowed()?;
            let now = inner.now();
            let policy = Arc::clone(&inner.policy);
            Ok(Draft::begin(policy, source, (application, version), grant, now, &inner.environment))
        })
    }

    /// Whether a draft may still be filled. A long gathering asks in between, since a denial stops it as well.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where consent was decided anew since the draft was begun.
    pub fn still_allows(&self, draft: &Draft) -> Result<(), Error> {
        self.contained(|inner| inner.unchanged_since(draft.grant.entry))
    }

    /// Holds a draft against the policy. What comes out is what leaves, byte for byte: show it, submit it, or drop it.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where the draft lies before the consent; [`Error::Refused`] where its header does not fit.
    pub fn prepare(&self, draft: Draft) -> Result<Prepared, Error> {
        self.contained(|inner| {
            let report_id = inner.new_report_id()?;
            let key = InstallationKey::open(&inner.folder)?;
            draft.prepare(report_id, key.installation)
        })
    }

    /// Puts a prepared report into the spool; when this returns, it is on disk. It leaves with the next delivery.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] where consent was decided anew in between. Where the report cannot be stored, it is lost, and
    /// counted so.
    pub fn submit(&self, prepared: &Prepared) -> Result<(), Error> {
        self.submit_within(prepared, LOCK_WAIT)
    }

    /// The same, waiting no longer than this, and never for long, for another process that is writing in the state folder.
    ///
    /// # Errors
    /// Those of [`Site::submit`].
    pub fn submit_within(&self, prepared: &Prepared, wait: Duration) -> Result<(), Error> {
        self.contained(|inner| {
            let stored = inner.store(prepared, wait);
            if matches!(&stored, Err(Error::Busy { .. } | Error::Folder { .. })) {
                inner.losses.count(Loss::Unstored, 1);
            }
            stored
        })
    }

    /// Delivers what waits, the oldest first; never takes longer than the deadline, whatever the network does.
    ///
    /// # Errors
    /// Where the state folder cannot be read. That the collector cannot be reached is a value, not an error.
    pub fn deliver(&self, deadline: Duration) -> Result<Delivery, Error> {
        self.contained(|_| deliver(&self.inner, deadline))
    }

    /// What waits, the oldest first: the very bytes that will leave.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn waiting(&self) -> Result<Vec<WaitingReport>, Error> {
        self.contained(|inner| {
            let spool = inner.spool();
            let mut reports = Vec::new();
            for waiting in spool.list()? {
                if let Some((bytes, _)) = spool.read(&waiting)? {
                    reports.push(WaitingReport {
                        report_id: waiting.report_id,
                        digest: waiting.digest,
                        bytes,
                    });
                }
            }
            Ok(reports)
        })
    }

    /// Whether a report still waits.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn waits(&self, report_id: Uuid) -> Result<bool, Error> {
        self.contained(|inner| inner.spool().holds(report_id))
    }

    /// What has left or may have, the oldest first, with what came back.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn sent(&self) -> Result<Vec<SentReport>, Error> {
        self.contained(|inner| {
            let log = inner.sent_log();
            let mut sent = Vec::new();
            for id in log.ids()? {
                sent.extend(log.read(id)?);
            }
            Ok(sent)
        })
    }

    /// What the collector refused for good, the oldest first.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn refused(&self) -> Result<Vec<RefusedReport>, Error> {
        self.contained(|inner| inner.spool().refused())
    }

    /// What was lost on this site, by kind.
    ///
    /// # Errors
    /// Where the state folder cannot be read.
    pub fn losses(&self) -> Result<Counts, Error> {
        self.contained(|inner| inner.losses.counts())
    }

    /// The secret that keys this site's hashes; it never leaves the site.
    ///
    /// # Errors
    /// Where it cannot be read or made.
    pub fn secret(&self) -> Result<[u8; 32], Error> {
        self.contained(|inner| site_secret(&inner.folder))
    }

    /// Runs a call so that no panic gets past it.
    fn contained<T>(&self, work: impl FnOnce(&Inner) -> Result<T, Error>) -> Result<T, Error> {
        catch_unwind(AssertUnwindSafe(|| work(&self.inner))).unwrap_or_else(|panic| {
            self.inner.losses.count(Loss::Contained, 1);
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(Error::Contained(text.unwrap_or_else(|| "a panic without a message".to_owned())))
        })
    }
}
