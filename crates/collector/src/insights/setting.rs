//! How one setting is set.

use super::limits::SETTING_VALUES;
use super::settings::{Distribution, coverage_of_key, distributions};
use super::words::{grouped, installations, percent};
use super::{
    Cell, Chart, Coverage, Figure, Form, KeyOf, Part, PartKind, Series, Table, Tones, View, coverage, lead,
};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, Search};

/// A value stands in quotation marks, a state does not.
fn named(part: &Part) -> String {
    match part.kind {
        PartKind::Value => format!("\u{201c}{}\u{201d}", part.name),
        PartKind::Other => part.name.clone(),
        PartKind::InUse | PartKind::Empty | PartKind::Unset => part.name.replace(['(', ')'], ""),
    }
}

/// The values of the setting that the question names.
pub(super) fn setting(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let Some(key) = &view.question.key else {
        return Ok(figure(None, &Distribution::default(), Coverage::default()));
    };
    let metrics = [key.metric_of()];
    let search = Search { contains: None, key: Some(key.key.clone()) };
    let values = reader.setting_values(&view.slice, &metrics, &search)?;
    let spoken = reader.spoken_states(&view.slice, &metrics)?;
    let presence = coverage::presence(reader, view)?;
    let distribution = distributions(&values).into_values().next().unwrap_or_default();
    let coverage = coverage_of_key(distribution.known(), &metrics[0], &spoken, presence);
    Ok(figure(Some(key), &distribution, coverage))
}

fn answer(parts: &[Part], known: usize) -> String {
    let most = parts.iter().map(|part| part.count).max().unwrap_or_default();
    let leaders: Vec<String> = parts.iter().filter(|part| part.count == most).map(named).collect();
    let share = percent(most, known);
    match leaders.as_slice() {
        [] => "No installation that is heard from has reported this setting.".to_owned(),
        [only] if known == 1 => format!("Known at 1 installation: {only}."),
        [only] => {
            format!("Most often {only}: {} of {} ({share}).", grouped(most as i64), installations(known))
        }
        several => format!(
            "{} are equally common: {} of {} each ({share}).",
            lead::named(several, "value"),
            grouped(most as i64),
            installations(known),
        ),
    }
}

fn figure(key: Option<&KeyOf>, distribution: &Distribution, coverage: Coverage) -> Figure {
    let known = distribution.known();
    let parts = distribution.parts(usize::MAX);
    let mut table = Table::new(["Value", "Installations#", "Share#"]);
    for part in &parts {
        table.push(vec![Cell::text(&part.name), Cell::count(part.count), Cell::share(part.count, known)]);
    }
    let shown = distribution.parts(SETTING_VALUES);
    Figure {
        title: key.map_or("A setting".to_owned(), |key| key.key.clone()),
        answer: answer(&parts, known),
        caption: "In use: there is a value, and it did not leave the site. Empty: the value is empty text. Unset: there \
                  is none."
            .to_owned(),
        chart: (!shown.is_empty()).then(|| Chart {
            form: Form::StackedBars,
            unit: "installations".to_owned(),
            labels: shown.iter().map(|part| part.name.clone()).collect(),
            series: vec![Series {
                name: "Installations".to_owned(),
                values: shown.iter().map(|part| Some(part.count as f64)).collect(),
            }],
            tones: Tones::Categories,
        }),
        coverage: Some(coverage),
        table,
        empty: "Its values appear here once a snapshot has reported it.".to_owned(),
        ..Figure::default()
    }
}
