//! The reports of the load: small ones, as an installer sends, written, admitted and signed before the clock runs.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use bytes::Bytes;
use candor_policy::message::{Message, sign};
use candor_policy::{Clock, Policy, Report, SourceKind, admit};
use ed25519_dalek::{Signer, verify_batch};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use candor_fleet::{Base, Dice, Installation, Settings};

/// How many installations the load comes from.
const INSTALLATIONS: usize = 256;
/// The seed of the load's base. Each run has other report ids, since those hold the time.
const SEED: u64 = 9421;
/// How far the clock of an installation is off, seconds, at the most: what time servers leave.
const CLOCK_ERROR: f64 = 1.0;
/// How many reports were not sent when they were written, and for how long they may have waited, seconds: 30 days.
const LATE: (f64, f64) = (1.0 / 32.0, 30.0 * 86_400.0);

/// Requests that are ready to be sent, and who sends them.
pub(crate) struct Requests {
    base: Base,
    templates: Vec<(usize, Report)>,
    /// When the first report is written; the others follow at `rate`, reports per second.
    from: Timestamp,
    rate: f64,
    /// How far the clock of each installation is off, seconds.
    clock_errors: Vec<f64>,
}

impl Requests {
    /// Installations with an installer's report each, all of which together write `rate` reports per second from now on.
    pub(crate) fn prepare(policy: Arc<Policy>, now: Timestamp, rate: f64) -> anyhow::Result<Self> {
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
        let mut dice = Dice::of(SEED, "clocks");
        let clock_errors =
            base.installations().iter().map(|_| dice.between(-CLOCK_ERROR, CLOCK_ERROR)).collect();
        Ok(Self { base, templates, from: now, rate, clock_errors })
    }

    /// The installations that send.
    pub(crate) fn installations(&self) -> &[Installation] {
        self.base.installations()
    }

    /// Requests with a report each, by their numbers, signed now.
    pub(crate) fn sign(&self, numbers: Range<usize>, clock: &dyn Clock) -> anyhow::Result<Vec<Bytes>> {
        let now = clock.now();
        let mut dice = Dice::of(SEED, &format!("reports from {}", numbers.start));
        numbers
            .map(|number| {
                let (place, template) = &self.templates[number % self.templates.len()];
                let site = &self.base.installations()[*place];
                let mut report = template.clone();
                report.report_id = self.new_id(number, *place, &mut dice);
                report.period.end = now.checked_sub(SignedDuration::from_secs(1))?;
                report.period.start = report.period.end;
                let (admitted, _) = admit(self.base.policy(), report).context("the report is refused")?;
                Ok(request(site, admitted.body(), now))
            })
            .collect()
    }

    /// The id that an installation gives its report: it holds the moment at which that was written, by its own clock.
    fn new_id(&self, number: usize, installation: usize, dice: &mut Dice) -> Uuid {
        let (share, longest) = LATE;
        let waited = if dice.chance(share) { dice.between(0.0, longest) } else { 0.0 };
        let seconds = number as f64 / self.rate + self.clock_errors[installation] - waited;
        let milliseconds = self.from.as_millisecond() + (seconds * 1000.0) as i64;
        let milliseconds = u64::try_from(milliseconds).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &dice.bytes()).into_uuid()
    }
}

/// How many signatures are checked together to learn what one costs, and how often.
const SIGNATURES: usize = 24;
const BATCHES: u32 = 100;

impl Requests {
    /// What checking one signature of a batch costs here, microseconds.
    pub(crate) fn signature_microseconds(&self) -> f64 {
        let site = &self.base.installations()[0];
        let messages: Vec<_> = (0..SIGNATURES).map(usize::to_be_bytes).collect();
        let messages: Vec<&[u8]> = messages.iter().map(<[u8; 8]>::as_slice).collect();
        let signatures: Vec<_> = messages.iter().map(|message| site.key.sign(message)).collect();
        let keys = vec![site.key.verifying_key(); SIGNATURES];
        let started = Instant::now();
        for _ in 0..BATCHES {
            if verify_batch(&messages, &signatures, &keys).is_err() {
                return f64::NAN;
            }
        }
        started.elapsed().as_secs_f64() * 1e6 / f64::from(BATCHES) / SIGNATURES as f64
    }
}

/// The request, byte for byte.
fn request(site: &Installation, body: &[u8], now: Timestamp) -> Bytes {
    let message = Message {
        method: "POST",
        path: candor_policy::wire_paths::REPORTS,
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
