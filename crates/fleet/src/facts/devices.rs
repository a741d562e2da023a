//! Mobile devices, counted at the site by model, system and app version.

use std::collections::BTreeMap;

use candor_policy::Entry;

use crate::facts::{Scene, compact};

/// A model, its systems from the start of the simulated time to its end, and its share.
const MODELS: [(&str, [&str; 3], u32); 9] = [
    ("iPad (9th generation)", ["iPadOS 17.7", "iPadOS 18.5", "iPadOS 26.1"], 26),
    ("iPad mini (6th generation)", ["iPadOS 17.7", "iPadOS 18.5", "iPadOS 26.1"], 12),
    ("iPad Pro 11-inch", ["iPadOS 17.7", "iPadOS 18.5", "iPadOS 26.1"], 8),
    ("iPhone 13", ["iOS 17.7", "iOS 18.5", "iOS 26.1"], 14),
    ("iPhone SE (3rd generation)", ["iOS 17.7", "iOS 18.5", "iOS 26.1"], 9),
    ("Galaxy Tab Active3", ["Android 13", "Android 13", "Android 13"], 12),
    ("Galaxy Tab Active5", ["Android 14", "Android 15", "Android 16"], 7),
    ("Toughbook G2", ["Windows 10", "Windows 11", "Windows 11"], 8),
    ("Nexus 7", ["Android 6", "Android 6", "Android 6"], 4),
];

/// Rows of these columns, with how many devices each stands for.
pub(super) fn devices(scene: &Scene<'_>, columns: &[String]) -> Vec<BTreeMap<String, Entry>> {
    let mut dice = scene.dice("devices");
    let crews = (scene.users() * dice.between(0.0, 0.5)) as usize;
    let kinds = if crews == 0 { 0 } else { 1 + dice.below(crews.min(4)) };
    let mut rows: Vec<(BTreeMap<String, Entry>, i64)> = Vec::new();
    for _ in 0..kinds {
        let (model, systems, _) = &MODELS[dice.weighted(MODELS.iter().map(|(_, _, weight)| *weight))];
        let lag = dice.between(0.0, 0.4);
        let through = (scene.moment / f64::from(scene.months.max(1)) - lag).clamp(0.0, 0.99);
        let system = systems[(through * systems.len() as f64) as usize];
        let app = compact(&scene.policy.releases, scene.version);
        let row: BTreeMap<_, _> =
            columns.iter().map(|column| (column.clone(), cell(column, model, system, &app))).collect();
        let count = 1 + dice.below(1 + crews / kinds) as i64;
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, known)) => *known += count,
            None => rows.push((row, count)),
        }
    }
    rows.into_iter()
        .map(|(mut row, count)| {
            row.insert("count".to_owned(), Entry::Integer(count));
            row
        })
        .collect()
}

fn cell(column: &str, model: &str, system: &str, app: &str) -> Entry {
    let column = column.to_lowercase();
    if column.contains("model") {
        Entry::Text(model.to_owned())
    } else if column.contains("os") || column.contains("system") {
        Entry::Text(system.to_owned())
    } else if column.contains("app") || column.contains("version") {
        Entry::Text(app.to_owned())
    } else {
        Entry::Unset
    }
}
