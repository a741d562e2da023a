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
/// For a report that is rewritten and would otherwise not fit.
const ZSTD_LEVEL_SMALLEST: i32 = 19;

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

    /// JSON in a form that takes no more than `room` bytes, and filled up to them; `None` where there is no such form.
    pub(super) fn fitting(json: &[u8], room: usize) -> Option<Self> {
        let fill = |form, mut bytes: Vec<u8>, filler| {
            (bytes.len() <= room).then(|| {
                bytes.resize(room, filler);
                Self { form, plain_bytes: json.len(), bytes }
            })
        };
        let compressed = |level| fill(ZSTD, zstd::bulk::compress(json, level).ok()?, 0);
        fill(PLAIN, json.to_vec(), b' ')
            .or_else(|| compressed(ZSTD_LEVEL))
            .or_else(|| compressed(ZSTD_LEVEL_SMALLEST))
    }

    /// Whether these bytes are what erasure left: neither JSON nor a frame of zstd begins with a zero.
    pub(super) fn is_erased(bytes: &[u8]) -> bool {
        bytes.first() == Some(&0)
    }

    /// The JSON again.
    pub(super) fn read(form: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        match form {
            PLAIN => Ok(bytes.to_vec()),
            ZSTD => decompress(bytes)
                .map_err(|error| StoreError::Unreadable(format!("a compressed report: {error}"))),
            other => Err(StoreError::Unreadable(format!("a report kept in form {other}"))),
        }
    }
}

/// Reads the first frame; what fills the room after it is left.
fn decompress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let frame = zstd::zstd_safe::find_frame_compressed_size(bytes)
        .map_err(|code| std::io::Error::other(zstd::zstd_safe::get_error_name(code)))?;
    zstd::bulk::decompress(&bytes[..frame], candor_policy::limits::REPORT_BYTES)
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

    #[test]
    fn a_smaller_body_fills_the_room_of_the_larger_one_and_comes_back() {
        let json = |numbers: u32| serde_json::to_vec(&(0..numbers).collect::<Vec<_>>()).unwrap();
        for (old, new) in [(20, 10), (20_000, 19_990), (20_000, 10)] {
            let room = Body::of(&json(old)).bytes.len();
            let body = Body::fitting(&json(new), room).unwrap();
            assert_eq!(body.bytes.len(), room);
            assert_eq!(Body::read(body.form, &body.bytes).unwrap().trim_ascii_end(), json(new));
        }
        assert_eq!(Body::fitting(&json(20), 10), None);
    }
}
