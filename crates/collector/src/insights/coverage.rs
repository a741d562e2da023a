//! How much of the base a figure rests on.

use super::{Coverage, MetricOf, View};
use crate::store::StoreError;
use crate::store::insights::ColumnsReader;

/// The coverage of any of these metrics: an installation that says one of them is known.
pub(super) fn of(reader: &ColumnsReader, view: &View, metrics: &[MetricOf]) -> Result<Coverage, StoreError> {
    let (reporting, silent) = presence(reader, view)?;
    let spoken = reader.spoken_of_any(&view.slice, metrics)?;
    Ok(spoken.map_or(Coverage { reporting, silent, ..Coverage::default() }, |spoken| Coverage {
        known: spoken.known,
        reporting,
        withheld: spoken.withheld,
        not_measured: spoken.not_measured,
        silent,
        ..Coverage::default()
    }))
}

/// The coverage of what every report says, such as the product's version.
pub(super) fn of_every_report(reader: &ColumnsReader, view: &View) -> Result<Coverage, StoreError> {
    let (reporting, silent) = presence(reader, view)?;
    Ok(Coverage { known: reporting, reporting, silent, ..Coverage::default() })
}

/// How many installations report, and how many are silent.
pub(super) fn presence(reader: &ColumnsReader, view: &View) -> Result<(usize, usize), StoreError> {
    let found = reader.presence(&view.slice)?;
    Ok((found.reporting, found.silent))
}
