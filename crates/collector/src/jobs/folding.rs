//! Folds the journal's log back into its file, again and again.

use std::time::Instant;

use super::Surroundings;
use crate::limits::{BACKGROUND_RETRY, FOLDING_PERIOD, FOLDING_SHARE};
use crate::store::{Folder, Store, StoreError};

/// Folds until it is stopped, whatever fails.
pub(super) async fn repeat(mut surroundings: Surroundings) {
    let mut folder = None;
    let mut pause = FOLDING_PERIOD;
    while !surroundings.rest(pause).await {
        let started = Instant::now();
        pause = match fold(&surroundings.state.store, &mut folder) {
            Ok(()) => FOLDING_PERIOD.max(started.elapsed() * FOLDING_SHARE),
            Err(error) => {
                surroundings.failed();
                tracing::error!(%error, "the journal's log was not folded back; the next time comes soon");
                BACKGROUND_RETRY
            }
        };
    }
}

fn fold(store: &Store, folder: &mut Option<Folder>) -> Result<(), StoreError> {
    match folder {
        Some(folder) => folder.fold(),
        None => folder.insert(store.folder()?).fold(),
    }
}
