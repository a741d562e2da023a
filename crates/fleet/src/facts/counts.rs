//! Record counts: modules are taken up, grow with the seasons, and some are given up.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use candor_policy::{Entry, KeyPattern};

use crate::facts::{Scene, flavour};
use crate::shape::ABANDON_MODULE;

/// Counts of every table that the keys name.
pub(super) fn counts(scene: &Scene<'_>, keys: &[KeyPattern]) -> BTreeMap<String, Entry> {
    tables(keys).into_iter().map(|table| (table.clone(), Entry::Integer(records(scene, &table)))).collect()
}

/// The tables behind patterns: a literal one is itself, another one covers what we know of such products.
pub(crate) fn tables(keys: &[KeyPattern]) -> Vec<String> {
    keys.iter()
        .flat_map(|key| match key.literal() {
            Some(table) => vec![table.to_owned()],
            None => {
                flavour::MODULE_TABLES.iter().filter(|t| key.matches(t)).map(|t| (*t).to_owned()).collect()
            }
        })
        .collect()
}

fn records(scene: &Scene<'_>, table: &str) -> i64 {
    if table.to_uppercase().contains("USER") {
        return users(scene);
    }
    let mut about_table = scene.base_dice(&format!("table {table}"));
    let drawn = about_table.between(0.25, 0.9);
    // What a product of this kind is bought for is used nearly everywhere.
    let popularity = if table.ends_with("ORDER") { 0.97 } else { drawn };
    let weight = about_table.log_normal(6.0, 1.0);
    let peak = about_table.share();
    let swing = about_table.between(0.1, 0.8);

    let mut about_use = scene.customer_dice(&format!("table {table}"));
    if !about_use.chance(popularity) {
        return 0;
    }
    let months = f64::from(scene.months);
    let begins = if about_use.chance(0.2) { about_use.between(0.0, months) } else { f64::NEG_INFINITY };
    let ends = if about_use.chance(ABANDON_MODULE) { about_use.between(0.0, months) } else { f64::INFINITY };
    let per_month = scene.users() * weight * about_use.log_normal(0.08, 0.6);
    let years_before = if begins.is_finite() { 0.0 } else { about_use.between(0.5, 6.0) };

    let mut growth = scene.dice(&format!("growth of {table}"));
    let mut records = per_month * 12.0 * years_before;
    for month in 0..=scene.moment as u32 {
        let start = f64::from(month);
        let season = 1.0 + swing * (TAU * (start / 12.0 + peak)).sin();
        let noise = growth.between(0.7, 1.3);
        let passed = (scene.moment.min(start + 1.0).min(ends) - start.max(begins)).clamp(0.0, 1.0);
        records += per_month * season * noise * passed;
    }
    records as i64
}

fn users(scene: &Scene<'_>) -> i64 {
    let yearly = scene.customer_dice("user growth").between(-0.02, 0.12);
    (scene.users() * (1.0 + yearly * scene.moment / 12.0)).round().max(1.0) as i64
}
