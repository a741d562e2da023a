//! How much of the base a figure rests on.

use super::{Coverage, MetricOf, View};
use crate::store::StoreError;
use crate::store::insights::ColumnsReader;

/// The coverage of any of these metrics: an installation that says one of them is known.
pub(super) fn of(reader: &ColumnsReader, view: &View, metrics: &[MetricOf]) -> Result<Coverage, StoreError> {
    let reporting = reader.reporting_installations(&view.slice)?;
    let spoken = reader.spoken_of_any(&view.slice, metrics)?;
    Ok(spoken.map_or(Coverage { reporting, ..Coverage::default() }, |spoken| Coverage {
        known: spoken.known,
        reporting,
        withheld: spoken.withheld,
        not_measured: spoken.not_measured,
        ..Coverage::default()
    }))
}
