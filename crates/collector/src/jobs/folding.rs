//! Folds the journal's log back into its file, again and again.

use super::Surroundings;
use crate::limits::{BACKGROUND_RETRY, FOLDING_PERIOD};
use crate::store::{Folder, Store, StoreError};

/// Folds until it is stopped, whatever fails.
pub(super) async fn repeat(mut surroundings: Surroundings) {
    let mut folder = None;
    while !surroundings.rest(FOLDING_PERIOD).await {
        if let Err(error) = fold(&surroundings.state.store, &mut folder) {
            surroundings.failed();
            tracing::error!(%error, "the journal's log was not folded back; the next time comes soon");
            if surroundings.rest(BACKGROUND_RETRY).await {
                return;
            }
        }
    }
}

fn fold(store: &Store, folder: &mut Option<Folder>) -> Result<(), StoreError> {
    match folder {
        Some(folder) => folder.fold(),
        None => folder.insert(store.folder()?).fold(),
    }
}
