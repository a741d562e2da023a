//! The projector: follows the journal on a background thread.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::Surroundings;
use crate::AppState;
use crate::limits::{
    BACKGROUND_RETRY, LOAD_FROM_REPORTS, PROJECTED_REPORTS, PROJECTION_PERIOD, PROJECTION_PERIOD_UNDER_LOAD,
    REBUILT_FROM_BATCHES, REBUILT_REPORTS, REVISION_PERIOD,
};
use crate::store::{Projection, Step, StoreError};

/// Projects until it is stopped, whatever fails.
pub(super) async fn follow(mut surroundings: Surroundings) {
    while let Err(error) = catch_up(&mut surroundings).await {
        surroundings.state.store.columns().notice(&error);
        surroundings.state.projected.failed();
        surroundings.failed();
        tracing::error!(%error, "the projection failed; it goes on where it stood");
        if surroundings.rest(BACKGROUND_RETRY).await {
            return;
        }
    }
}

/// Projects until it is stopped, once the columns are mended.
async fn catch_up(surroundings: &mut Surroundings) -> Result<(), StoreError> {
    let state = surroundings.state.clone();
    state.store.columns().mend().await?;
    let (mut last_batch, mut fault) = (state.store.last_batch(), state.store.columns().fault());
    let mut projection = state.store.projection()?;
    state.projected.stands_at(projection.mark().batch);
    rebuild(&state, &mut projection, *last_batch.borrow(), &surroundings.stopped)?;
    compute_states(&mut projection, &surroundings.stopped)?;
    if *surroundings.stopped.borrow() {
        return Ok(());
    }
    projection.follow_standings()?;
    state.projected.reached(projection.mark().batch);
    loop {
        tokio::select! {
            _ = surroundings.stopped.wait_for(|stop| *stop) => return Ok(()),
            changed = last_batch.wait_for(|batch| *batch > projection.mark().batch) => {
                if changed.is_err() {
                    return Ok(());
                }
            }
            _ = fault.wait_for(Option::is_some) => return Err(StoreError::NotOpen),
            () = tokio::time::sleep(REVISION_PERIOD) => {}
        }
        projection.revise()?;
        let started = Instant::now();
        let step = projection.step(PROJECTED_REPORTS)?;
        // Whoever enrolled with a voucher did so before its first report.
        projection.follow_standings()?;
        state.projected.reached(step.batch);
        state.meters.projected(step.reports, step.unreadable);
        if surroundings.rest(pause(&step, started.elapsed())).await {
            return Ok(());
        }
    }
}

/// How long to let reports gather: fewer and larger transactions leave more to the acknowledgements. A step that was full
/// left reports behind, and rests no longer than it worked.
fn pause(step: &Step, took: Duration) -> Duration {
    match step.reports {
        PROJECTED_REPORTS.. => took.min(PROJECTION_PERIOD_UNDER_LOAD),
        LOAD_FROM_REPORTS.. => PROJECTION_PERIOD_UNDER_LOAD,
        _ => PROJECTION_PERIOD,
    }
}

/// Where the columns lie far behind, brings them up in large steps and says how it goes.
fn rebuild(
    state: &AppState,
    projection: &mut Projection,
    target: i64,
    stopped: &watch::Receiver<bool>,
) -> Result<(), StoreError> {
    if target - projection.mark().batch < REBUILT_FROM_BATCHES {
        return Ok(());
    }
    tracing::info!(from = projection.mark().batch, to = target, "building the columns from the journal");
    projection.leave_states();
    while projection.mark().batch < target && !*stopped.borrow() {
        let step = projection.step(REBUILT_REPORTS)?;
        if projection.has_states() {
            state.projected.reached(step.batch);
        }
        state.meters.projected(step.reports, step.unreadable);
        tracing::info!(batch = step.batch, of = target, "building the columns");
    }
    Ok(())
}

/// Computes what was left for later, and says how it goes.
fn compute_states(projection: &mut Projection, stopped: &watch::Receiver<bool>) -> Result<(), StoreError> {
    while !*stopped.borrow()
        && let Some(computed) = projection.compute_states()?
    {
        tracing::info!(
            installation = computed.last,
            of = computed.of,
            "computing what stands of each installation"
        );
    }
    Ok(())
}
