//! The reports of the load: small ones, as an installer sends, written, admitted and signed before the clock runs.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use bytes::Bytes;
use candor_policy::message::{Message, Start, read, sign};
use candor_policy::{Clock, Policy, PublicKey, Report, SourceKind, admit};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::base::{Base, Settings};
use crate::dice::Dice;
use crate::installation::Installation;

/// How many installations the load comes from.
const INSTALLATIONS: usize = 256;
/// The seed of the load's base. Each run has other report ids, since those hold the time.
const SEED: u64 = 9421;

/// Requests that are ready to be sent, and who sends them.
pub(super) struct Requests {
    base: Base,
    templates: Vec<(usize, Report)>,
}

impl Requests {
    /// Installations with an installer's report each.
    pub(super) fn prepare(policy: Arc<Policy>, now: Timestamp) -> anyhow::Result<Self> {
        // Two months, so that most have installed by now.
        let settings = Settings { installations: INSTALLATIONS, months: 2, until: now };
        let base = Base::grow(SEED, &settings, policy);
        let mut templates = Vec::new();
        for errand in base.errands() {
            let source = base.policy().source(errand.source.as_str());
            if source.is_some_and(|source| source.kind == SourceKind::Installer) {
                templates.push((errand.installation, base.write(&errand)?.0.report().clone()));
            }
        }
        ensure!(!templates.is_empty(), "the policy has no source of kind installer with something to say");
        Ok(Self { base, templates })
    }

    /// The installations that send.
    pub(super) fn installations(&self) -> &[Installation] {
        self.base.installations()
    }

    /// Requests with a new report each, signed now. `set` tells one lot of reports from another.
    pub(super) fn sign(&self, set: &str, count: usize, clock: &dyn Clock) -> anyhow::Result<Vec<Bytes>> {
        let now = clock.now();
        let mut dice = Dice::of(SEED, set);
        (0..count)
            .map(|index| {
                let (site, template) = &self.templates[index % self.templates.len()];
                let site = &self.base.installations()[*site];
                let mut report = template.clone();
                report.report_id = new_id(now, &mut dice);
                report.period.end = now.checked_sub(SignedDuration::from_secs(1))?;
                report.period.start = report.period.end;
                let (admitted, _) = admit(self.base.policy(), report).context("the report is refused")?;
                Ok(request(site, admitted.body(), now))
            })
            .collect()
    }
}

/// How many signatures are made and checked to learn what they cost.
const SIGNATURES: u32 = 2_000;

impl Requests {
    /// What checking one signature and making one cost here, microseconds. 0 where one does not hold.
    pub(super) fn signatures_microseconds(&self, now: Timestamp) -> f64 {
        let Some((site, report)) = self.templates.first() else { return 0.0 };
        let (site, body) = (&self.base.installations()[*site], report.to_bytes());
        let key = PublicKey::from_bytes(site.key.verifying_key().to_bytes());
        let message = Message {
            start: Start::Request { method: "POST", path: "/v1/reports" },
            content_type: "application/json",
            content_encoding: None,
            body: &body,
        };
        let started = Instant::now();
        for _ in 0..SIGNATURES {
            let fields = sign(&message, &site.key, site.id.as_str(), now);
            if read(&message, &fields).is_ok_and(|claim| claim.verify(&key).is_err()) {
                return 0.0;
            }
        }
        started.elapsed().as_secs_f64() * 1e6 / f64::from(SIGNATURES)
    }
}

fn new_id(now: Timestamp, dice: &mut Dice) -> Uuid {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &dice.bytes()).into_uuid()
}

/// The request, byte for byte.
fn request(site: &Installation, body: &[u8], now: Timestamp) -> Bytes {
    let message = Message {
        start: Start::Request { method: "POST", path: "/v1/reports" },
        content_type: "application/json",
        content_encoding: None,
        body,
    };
    let fields = sign(&message, &site.key, site.id.as_str(), now);
    let header = format!(
        "POST /v1/reports HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         content-digest: {}\r\nsignature-input: {}\r\nsignature: {}\r\n\r\n",
        body.len(),
        fields.content_digest,
        fields.signature_input,
        fields.signature
    );
    [header.as_bytes(), body].concat().into()
}
