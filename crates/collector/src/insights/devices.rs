//! Mobile devices: models, their operating systems and the app's versions, as they were counted at the sites.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{counted, grouped, installations, percent};
use super::{Cell, Chart, Coverage, Figure, Form, Series, Table, Tones, View, coverage, lead};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, DeviceRow};

/// The models that the chart shows.
const MODELS: usize = 12;

/// Devices by what describes them.
pub(super) fn devices(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let metrics = view.catalogue.devices();
    let rows = reader.device_rows(&view.slice, &metrics)?;
    Ok(devices_of(&rows, coverage::of(reader, view, &metrics)?))
}

/// What describes a kind of device, by column.
type Kind = BTreeMap<String, String>;

fn devices_of(rows: &[DeviceRow], coverage: Coverage) -> Figure {
    let mut kinds: BTreeMap<Kind, (i64, BTreeSet<i64>)> = BTreeMap::new();
    let mut sites = BTreeSet::new();
    let mut read: BTreeMap<&str, Kind> = BTreeMap::new();
    for row in rows {
        let kind = read.entry(&row.columns).or_insert_with(|| kind(&row.columns));
        let (count, installations) = kinds.entry(kind.clone()).or_default();
        *count += row.count as i64;
        installations.insert(row.installation);
        sites.insert(row.installation);
    }
    let columns: BTreeSet<String> = kinds.keys().flat_map(|kind| kind.keys().cloned()).collect();
    let columns = model_first(columns);
    let mut ordered: Vec<(&Kind, &(i64, BTreeSet<i64>))> = kinds.iter().collect();
    ordered.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let titles: Vec<String> = columns
        .iter()
        .map(|column| in_words(column))
        .chain(["Devices#".to_owned(), "Installations#".to_owned()])
        .collect();
    let mut table = Table::new(titles.iter().map(String::as_str));
    for (kind, (count, installations)) in &ordered {
        let described = columns.iter().map(|column| kind.get(column).map_or(Cell::Missing, Cell::text));
        table.push(described.chain([Cell::Count(*count), Cell::count(installations.len())]).collect());
    }
    let models = by_column(&ordered, columns.first());
    Figure {
        title: "Devices".to_owned(),
        answer: answer(&models, sites.len()),
        caption: caption(models.len()),
        chart: chart(&models),
        coverage: Some(coverage),
        table,
        empty: "Device models appear here once a policy with a metric of type `devices` is published and a snapshot \
                has reported it."
            .to_owned(),
        ..Figure::default()
    }
}

fn caption(models: usize) -> String {
    let shown = if models > MODELS {
        format!(" The chart shows the {MODELS} most common of {models} models.")
    } else {
        String::new()
    };
    format!("Counted at each site, by model and versions; individual devices are not identified.{shown}")
}

fn kind(json: &str) -> Kind {
    let columns: BTreeMap<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    columns
        .into_iter()
        .filter(|(name, _)| name != "count")
        .filter_map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name, text)),
            // The site, or the collector, saw something in it that is not a device's kind.
            serde_json::Value::Object(_) => Some((name, "(in use)".to_owned())),
            _ => None,
        })
        .collect()
}

/// The model leads, whatever the alphabet says.
fn model_first(columns: BTreeSet<String>) -> Vec<String> {
    let mut columns: Vec<String> = columns.into_iter().collect();
    columns.sort_by_key(|column| !column.contains("model"));
    columns
}

fn in_words(column: &str) -> String {
    let words = column.replace(['_', '-'], " ");
    let words = words.strip_prefix("os ").map_or(words.clone(), |rest| format!("OS {rest}"));
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn by_column(kinds: &[(&Kind, &(i64, BTreeSet<i64>))], column: Option<&String>) -> Vec<(String, i64)> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (kind, (count, _)) in kinds {
        let name = column.and_then(|column| kind.get(column)).map_or("not said", String::as_str);
        *counts.entry(name.to_owned()).or_default() += count;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn answer(models: &[(String, i64)], sites: usize) -> String {
    let total: i64 = models.iter().map(|(_, count)| count).sum();
    let whole = usize::try_from(total).unwrap_or_default();
    match models.first() {
        None => "No installation that is heard from has reported devices.".to_owned(),
        Some((_, most)) => format!(
            "{} at {}; {}: {} ({}).",
            counted(whole, "device", "devices"),
            installations(sites),
            most_common(models, *most),
            grouped(*most),
            percent(usize::try_from(*most).unwrap_or_default(), whole),
        ),
    }
}

/// Which model is the most common one, or which are.
fn most_common(models: &[(String, i64)], most: i64) -> String {
    let leaders: Vec<String> =
        models.iter().take_while(|(_, count)| *count == most).map(|(model, _)| model.clone()).collect();
    match leaders.as_slice() {
        [only] if models.len() == 1 => format!("the only model is {only}"),
        [only] => format!("the most common model is {only}"),
        several => format!("{} are equally common, each", lead::named(several, "model")),
    }
}

fn chart(models: &[(String, i64)]) -> Option<Chart> {
    let shown = &models[..models.len().min(MODELS)];
    (!shown.is_empty()).then(|| Chart {
        form: Form::StackedBars,
        unit: "devices".to_owned(),
        labels: shown.iter().map(|(model, _)| model.clone()).collect(),
        series: vec![Series {
            name: "Devices".to_owned(),
            values: shown.iter().map(|(_, count)| Some(*count as f64)).collect(),
        }],
        tones: Tones::Categories,
    })
}
