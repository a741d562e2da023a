//! What every handler gets: the store, the clock, the configuration and the collector's key. No globals.

use std::ops::Deref;
use std::sync::Arc;

use candor_policy::Clock;

use crate::config::Config;
use crate::store::Store;

/// Shared state; cloning it is cheap.
#[derive(Clone)]
pub struct AppState(Arc<State>);

/// What is shared.
pub struct State {
    /// Journal and columns.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How this collector was started.
    pub config: Config,
}

impl AppState {
    /// Shares a state.
    pub fn new(state: State) -> Self {
        Self(Arc::new(state))
    }
}

impl Deref for AppState {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}
