//! All that stands of one installation: of all its applications together, and of each apart.
//!
//! Most metrics are spoken of by one application alone; what stands of them is then the same with and without the others,
//! and is held once, marked as the whole. It is held apart from the moment when a second application speaks of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Metric, Order, Presence, Track, Word};

/// Which reports something rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// Those of this application; none: of several.
    pub application: Option<Arc<str>>,
    /// Whether these are all that speak of it.
    pub is_whole: bool,
}

/// What a report says.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its place.
    pub order: Order,
    /// The application.
    pub application: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
    /// The policy.
    pub policy: Arc<str>,
    /// What it says of each metric.
    pub words: BTreeMap<Metric, Vec<Word>>,
}

/// The report cannot be taken in without all earlier ones of its installation: it is not the newest, or its application is the
/// second to speak of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsHistory;

/// What stands of one installation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Of each metric.
    pub tracks: BTreeMap<Metric, BTreeMap<Scope, Track>>,
    /// When it was heard from.
    pub presences: BTreeMap<Scope, Presence>,
}

impl History {
    /// From all reports, in whatever order they come.
    pub fn of(mut reports: Vec<Heard>) -> Self {
        reports.sort_by_key(|report| report.order);
        let mut history = Self::default();
        reports.into_iter().for_each(|report| history.take_in(report));
        history
    }

    /// Takes in a report where the current rows are enough for it.
    ///
    /// # Errors
    /// [`NeedsHistory`], and the report, where they are not; nothing has changed then.
    pub fn hear(&mut self, report: Heard) -> Result<(), NeedsHistory> {
        let newest = self.presences.values().filter_map(Presence::newest).max();
        let is_late = newest.is_some_and(|newest| report.order < newest);
        let splits = divides(&self.presences, &report.application)
            || report.words.keys().any(|metric| {
                self.tracks.get(metric).is_some_and(|scopes| divides(scopes, &report.application))
            });
        if is_late || splits {
            return Err(NeedsHistory);
        }
        self.take_in(report);
        Ok(())
    }

    fn take_in(&mut self, report: Heard) {
        let Heard { order, application, version, policy, words } = report;
        for presence in of_application(&mut self.presences, &application) {
            presence.hear(order, policy.clone(), version.clone());
        }
        for (metric, words) in words {
            for track in of_application(self.tracks.entry(metric).or_default(), &application) {
                track.hear(order.month, words.clone());
            }
        }
    }
}

/// Whether this application is the second one.
fn divides<T>(scopes: &BTreeMap<Scope, T>, application: &Arc<str>) -> bool {
    scopes.len() == 1 && scopes.keys().all(|scope| scope.application.as_ref() != Some(application))
}

/// What a report of this application changes: the application's own, and the whole where that is apart.
fn of_application<'s, T: Clone + Default>(
    scopes: &'s mut BTreeMap<Scope, T>,
    application: &Arc<str>,
) -> impl Iterator<Item = &'s mut T> {
    let whole = Scope { application: None, is_whole: true };
    if divides(scopes, application)
        && let Some((first, state)) = scopes.pop_first()
    {
        scopes.insert(whole.clone(), state.clone());
        scopes.insert(Scope { is_whole: false, ..first }, state);
    }
    let own = Scope { application: Some(application.clone()), is_whole: scopes.len() <= 1 };
    scopes.entry(own.clone()).or_default();
    scopes.iter_mut().filter(move |(scope, _)| **scope == own || **scope == whole).map(|(_, state)| state)
}
