//! What the sent log knows of a report beside its bytes: how often it was sent, where to, and what came back.
//!
//! It never says more than is known: a request without an answer may have arrived or not, and stays counted as such until
//! the collector's receipt settles it.

use candor_policy::{Digest, Problem, ProblemCode, PublicKey, Receipt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ReceiptFault, SignedReceipt};

/// A report that has left, or may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentReport {
    /// The report.
    pub report_id: Uuid,
    /// The very bytes that were sent, before compression.
    pub bytes: Vec<u8>,
    /// How often and where to, and what came back.
    pub sending: Sending,
}

impl SentReport {
    /// The collector's receipt, where it has given one.
    pub fn receipt(&self) -> Option<&SignedReceipt> {
        match &self.sending.answer {
            Some(SentAnswer::Held { receipt, .. }) => Some(receipt),
            Some(SentAnswer::Refused { .. }) | None => None,
        }
    }

    /// What the receipt says, held against the collector's key and against the very bytes of this entry; nothing where
    /// there is none.
    pub fn verified(&self, collector: &PublicKey) -> Option<Result<Receipt, ReceiptFault>> {
        let digest = Digest::of(&self.bytes);
        Some(self.receipt()?.verify_for(collector, self.report_id, digest))
    }
}

/// How often and where a report was sent, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// How many times it was sent. The last one may have ended right before its first byte left.
    pub tries: u64,
    /// How many of them had no answer: the bytes may have left, and may have arrived.
    pub unanswered: u64,
    /// When it was first sent, by this machine's clock, UTC.
    pub first_at: Timestamp,
    /// When it was last sent.
    pub last_at: Timestamp,
    /// Where it was last sent to.
    pub collector: String,
    /// The collector's last word; a receipt stays. None while the last try has no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<SentAnswer>,
    /// Why the last try has no answer, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What the collector answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum SentAnswer {
    /// It holds the report.
    Held {
        /// When the receipt arrived, by this machine's clock, UTC.
        at: Timestamp,
        /// The receipt with its signature.
        receipt: SignedReceipt,
    },
    /// It does not take the report, for now or for good.
    Refused {
        /// When it said so, by this machine's clock, UTC.
        at: Timestamp,
        /// Its reason.
        problem: Problem,
    },
}

impl Sending {
    /// What is known before a try goes out: one try more, and no answer to it. A receipt that came earlier stays.
    pub(crate) fn begin(before: Option<&Self>, collector: &str, now: Timestamp) -> Self {
        let is_held = |answer: &SentAnswer| matches!(answer, SentAnswer::Held { .. });
        Self {
            tries: before.map_or(1, |before| before.tries.saturating_add(1)),
            unanswered: before.map_or(1, |before| before.unanswered.saturating_add(1)),
            first_at: before.map_or(now, |before| before.first_at),
            last_at: now,
            collector: collector.to_owned(),
            answer: before.and_then(|before| before.answer.clone()).filter(is_held),
            why: None,
        }
    }

    /// The same once the try was answered. A refusal takes no earlier receipt away, and a collector that failed may not know
    /// itself whether it holds the report.
    pub(crate) fn answered(mut self, answer: SentAnswer) -> Self {
        let is_doubtful =
            matches!(&answer, SentAnswer::Refused { problem, .. } if problem.code == ProblemCode::Internal);
        self.unanswered = self.unanswered.saturating_sub(u64::from(!is_doubtful));
        if !matches!((&self.answer, &answer), (Some(SentAnswer::Held { .. }), SentAnswer::Refused { .. })) {
            self.answer = Some(answer);
        }
        self
    }

    /// What is known of it, as one word for machines: `held`, `refused` or `no-answer`.
    pub fn word(&self) -> &'static str {
        match &self.answer {
            Some(SentAnswer::Held { .. }) => "held",
            Some(SentAnswer::Refused { .. }) => "refused",
            None => "no-answer",
        }
    }

    /// Whether the collector may hold the report without that this site has its word for it.
    pub fn may_be_held(&self) -> bool {
        self.unanswered > 0 && !matches!(self.answer, Some(SentAnswer::Held { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(body: &str) -> SentAnswer {
        let text = String::new;
        let receipt = SignedReceipt {
            body: body.to_owned(),
            content_digest: text(),
            signature_input: text(),
            signature: text(),
            succession: None,
        };
        SentAnswer::Held { at: Timestamp::UNIX_EPOCH, receipt }
    }

    fn refusal() -> SentAnswer {
        let problem = Problem::new(ProblemCode::Unavailable, "busy");
        SentAnswer::Refused { at: Timestamp::UNIX_EPOCH, problem }
    }

    fn again(before: &Sending) -> Sending {
        Sending::begin(Some(before), "there", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_try_without_an_answer_is_doubt_until_a_receipt_settles_it() {
        let first = Sending::begin(None, "there", Timestamp::UNIX_EPOCH);
        assert_eq!((first.tries, first.word(), first.may_be_held()), (1, "no-answer", true));
        let refused = again(&first).answered(refusal());
        assert_eq!((refused.tries, refused.unanswered, refused.word()), (2, 1, "refused"));
        assert!(refused.may_be_held(), "a later refusal says nothing of the first try");
        let held = again(&refused).answered(receipt("first"));
        assert_eq!((held.tries, held.word(), held.may_be_held()), (3, "held", false));
    }

    #[test]
    fn a_collector_that_failed_leaves_the_doubt() {
        let problem = Problem::new(ProblemCode::Internal, "failed");
        let failed = SentAnswer::Refused { at: Timestamp::UNIX_EPOCH, problem };
        let sent = Sending::begin(None, "there", Timestamp::UNIX_EPOCH).answered(failed);
        assert_eq!((sent.word(), sent.may_be_held()), ("refused", true));
        let refused = Sending::begin(None, "there", Timestamp::UNIX_EPOCH).answered(refusal());
        assert!(!refused.may_be_held(), "one that says that it is busy took nothing");
    }

    #[test]
    fn nothing_that_comes_later_takes_a_receipt_away() {
        let held = Sending::begin(None, "there", Timestamp::UNIX_EPOCH).answered(receipt("first"));
        let later = again(&held);
        assert_eq!((later.tries, later.word()), (2, "held"));
        assert_eq!(later.answered(refusal()).word(), "held");
    }
}
