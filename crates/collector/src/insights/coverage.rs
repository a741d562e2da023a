//! How much of the base a figure rests on.

use duckdb::Connection;

use super::{Coverage, MetricOf, View};
use crate::store::insights;

/// The coverage of any of these metrics: an installation that says one of them is known.
pub fn of(connection: &Connection, view: &View, metrics: &[MetricOf]) -> duckdb::Result<Coverage> {
    let reporting = insights::reporting_installations(connection, &view.slice)?;
    let spoken = insights::spoken_of_any(connection, &view.slice, metrics)?;
    Ok(spoken.map_or(Coverage { reporting, ..Coverage::default() }, |spoken| Coverage {
        known: spoken.known,
        reporting,
        withheld: spoken.withheld,
        not_measured: spoken.not_measured,
    }))
}
