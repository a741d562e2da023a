//! Refusals: what the store's faults come to, and how often each code was answered.

use std::sync::atomic::{AtomicU64, Ordering};

use candor_policy::ProblemCode;
use candor_web::Refused;
use candor_web::limits::RETRY_AFTER_SECONDS;

use crate::store::StoreError;

/// The collector failed, whatever became of the report.
pub fn in_doubt() -> Refused {
    let detail = "the collector failed, and does not know whether it stored the report: send it again";
    Refused::later(ProblemCode::Internal, detail, RETRY_AFTER_SECONDS)
}

/// The collector did not store a report, or did so where it would be lost; the log says why.
pub fn not_stored(error: &StoreError) -> Refused {
    match error {
        StoreError::Busy | StoreError::Closing | StoreError::DiskFull | StoreError::Replaced(_) => {
            let detail = "the collector cannot take the report now; it was not stored";
            Refused::later(ProblemCode::Unavailable, detail, RETRY_AFTER_SECONDS)
        }
        StoreError::UnknownSchema(_)
        | StoreError::Damaged(_)
        | StoreError::Key(_)
        | StoreError::Journal(_)
        | StoreError::Columns(_)
        | StoreError::NotOpen
        | StoreError::File { .. }
        | StoreError::Unreadable(_)
        | StoreError::Conflict(_) => in_doubt(),
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Closing => {
                tracing::warn!(%error, "refused");
                not_stored(&error)
            }
            error => {
                tracing::error!(%error, "refused");
                not_stored(&error)
            }
        }
    }
}

/// How often each code was answered since the counts were last taken.
#[derive(Debug)]
pub struct Refusals(Vec<AtomicU64>);

impl Default for Refusals {
    fn default() -> Self {
        Self(ProblemCode::ALL.iter().map(|_| AtomicU64::new(0)).collect())
    }
}

impl Refusals {
    /// Counts one.
    pub fn count(&self, code: ProblemCode) {
        let place = ProblemCode::ALL.iter().position(|known| *known == code);
        if let Some(count) = place.and_then(|place| self.0.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes the counts, leaving none.
    pub fn take(&self) -> Vec<(ProblemCode, u64)> {
        let counts = ProblemCode::ALL.iter().zip(&self.0);
        counts
            .map(|(code, count)| (*code, count.swap(0, Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Puts counts back that could not be kept.
    pub fn put_back(&self, counts: &[(ProblemCode, u64)]) {
        for (code, count) in counts {
            let place = ProblemCode::ALL.iter().position(|known| known == code);
            if let Some(place) = place.and_then(|place| self.0.get(place)) {
                place.fetch_add(*count, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse;

    use super::*;

    async fn shown(refused: Refused) -> (u16, Option<String>, serde_json::Value) {
        let response = refused.into_response();
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        (status, retry_after, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn our_own_faults_are_ours_and_say_when_to_come_back() {
        let busy = shown(StoreError::Busy.into()).await;
        let failed = shown(StoreError::Unreadable("disk full at /secret/path".into()).into()).await;
        assert_eq!((busy.0, failed.0), (503, 500));
        assert!(busy.1.is_some() && failed.1.is_some());
        insta::assert_json_snapshot!("unavailable", busy.2);
        insta::assert_json_snapshot!("internal", failed.2);
    }

    #[test]
    fn counts_are_taken_once_and_can_be_put_back() {
        let refusals = Refusals::default();
        refusals.count(ProblemCode::NotFound);
        let taken = refusals.take();
        assert_eq!(taken, [(ProblemCode::NotFound, 1)]);
        assert_eq!(refusals.take(), []);
        refusals.put_back(&taken);
        assert_eq!(refusals.take(), taken);
    }
}
