//! Reports as the journal takes them in and gives them back.

use candor_policy::{Digest, MetricId, Outcome, OutcomeKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::limits::COMPRESS_FROM_BYTES;

/// A report that was admitted, ready to be written.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// What makes it count once.
    pub report_id: Uuid,
    /// The installation's number in the journal.
    pub installation: i64,
    /// The policy version's number in the journal.
    pub policy: i64,
    /// The end of what it covers.
    pub period_end: Timestamp,
    /// The digest of the JSON that arrived.
    pub received_digest: Digest,
    /// The digest of the JSON that is kept.
    pub stored_digest: Digest,
    /// How many values were accepted as they came.
    pub accepted: u64,
    /// What became of the others; [`NewReport::outcomes_to_keep`] says what of it is kept.
    pub outcomes: Vec<Outcome>,
    /// The public address, where its policy declares it.
    pub address: Option<String>,
    /// The admitted JSON.
    pub body: Body,
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// It is durable since this moment.
    Written {
        /// The moment.
        received_at: Timestamp,
    },
    /// The journal has a report of this id already.
    Duplicate(Box<StoredReport>),
}

/// What the journal has of a report that is sent again.
#[derive(Clone, Debug)]
pub struct StoredReport {
    /// Whose it is.
    pub installation: i64,
    /// When it was made durable.
    pub received_at: Timestamp,
    /// The digest of the JSON that arrived then.
    pub received_digest: Digest,
    /// The digest of the JSON that is kept.
    pub stored_digest: Digest,
    /// How many values were accepted as they came.
    pub accepted: u64,
    /// What became of the others, without examples.
    pub outcomes: Vec<Outcome>,
}

/// Admitted JSON in the form in which it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    pub(super) form: i64,
    plain_bytes: usize,
    pub(super) bytes: Vec<u8>,
}

const PLAIN: i64 = 0;
const ZSTD: i64 = 1;
/// zstd's default: the levels above cost more time than they save room on JSON.
const ZSTD_LEVEL: i32 = 3;

impl Body {
    /// Makes JSON ready to be kept: as it is where it is small, compressed where it is not.
    pub fn of(json: &[u8]) -> Self {
        let compressed = (json.len() >= COMPRESS_FROM_BYTES).then(|| zstd::bulk::compress(json, ZSTD_LEVEL));
        match compressed {
            Some(Ok(bytes)) if bytes.len() < json.len() => {
                Self { form: ZSTD, plain_bytes: json.len(), bytes }
            }
            _ => Self { form: PLAIN, plain_bytes: json.len(), bytes: json.to_vec() },
        }
    }

    /// Bytes of the JSON itself: what it takes in memory once it is read again.
    pub fn plain_bytes(&self) -> usize {
        self.plain_bytes
    }

    /// The JSON again.
    pub(super) fn read(form: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        match form {
            PLAIN => Ok(bytes.to_vec()),
            ZSTD => zstd::bulk::decompress(bytes, candor_policy::limits::REPORT_BYTES)
                .map_err(|error| StoreError::Unreadable(format!("a compressed report: {error}"))),
            other => Err(StoreError::Unreadable(format!("a report kept in form {other}"))),
        }
    }
}

/// An outcome as the journal keeps it: never an example, which could name what no policy declares.
#[derive(Debug, Serialize, Deserialize)]
struct KeptOutcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metric: Option<MetricId>,
    kind: OutcomeKind,
    count: u64,
}

impl NewReport {
    /// The outcomes as they are kept, JSON.
    pub(super) fn outcomes_to_keep(&self) -> String {
        let kept: Vec<KeptOutcome> = self
            .outcomes
            .iter()
            .map(|outcome| KeptOutcome {
                metric: outcome.metric.clone(),
                kind: outcome.kind,
                count: outcome.count,
            })
            .collect();
        // Text keys, whole numbers: writing them to memory cannot fail.
        serde_json::to_string(&kept).unwrap_or_default()
    }
}

/// Reads the outcomes that were kept.
pub(super) fn read_outcomes(json: &str) -> Result<Vec<Outcome>, StoreError> {
    let kept: Vec<KeptOutcome> =
        serde_json::from_str(json).map_err(|error| StoreError::Unreadable(format!("outcomes: {error}")))?;
    Ok(kept
        .into_iter()
        .map(|kept| Outcome { metric: kept.metric, kind: kept.kind, count: kept.count, example: None })
        .collect())
}

#[cfg(test)]
impl NewReport {
    /// A report of installation 1 under policy 1, for tests of what does not read it.
    pub fn with_json(report_id: u128, json: &[u8]) -> Self {
        let digest = Digest::of(json);
        Self {
            report_id: Uuid::from_u128(report_id),
            installation: 1,
            policy: 1,
            period_end: Timestamp::UNIX_EPOCH,
            received_digest: digest,
            stored_digest: digest,
            accepted: 0,
            outcomes: Vec::new(),
            address: None,
            body: Body::of(json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_body_is_compressed_and_comes_back() {
        let json = format!("[{}1]", "1,".repeat(COMPRESS_FROM_BYTES));
        let body = Body::of(json.as_bytes());
        assert!(body.form == ZSTD && body.bytes.len() < json.len());
        assert_eq!(body.plain_bytes, json.len());
        assert_eq!(Body::read(body.form, &body.bytes).unwrap(), json.as_bytes());
        assert_eq!(Body::of(b"{}"), Body { form: PLAIN, plain_bytes: 2, bytes: b"{}".to_vec() });
    }
}
