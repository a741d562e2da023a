//! Usage and flows of a month: who does what, how often it fails, how long it takes, and where people give up.

use std::collections::BTreeMap;

use candor_policy::{Dimension, Flow, FlowStep, Histogram, Metric, TextRule, Usage};

use crate::dice::Dice;
use crate::facts::flavour::{FEATURES, ROLES};
use crate::facts::{Scene, allowed, pseudonym, text};
use crate::shape::{DURATION_DRAWS, USAGE_ROWS, USERS_SEEN};

/// Rows for every pair of dimensions that the site sees in this month.
pub(super) fn usage(scene: &Scene<'_>, metric: &Metric, dimensions: &[Dimension]) -> Vec<Usage> {
    combinations(scene, dimensions)
        .into_iter()
        .filter_map(|given| {
            let what = format!("usage of {} by {given:?}", metric.id);
            let mut about = scene.base_dice(&what);
            let (popularity, usual) = (about.log_normal(1.5, 1.0), about.log_normal(140.0, 0.8));
            let failing = if about.chance(0.08) { 0.12 } else { 0.008 };
            let mut month = scene.monthly_dice(&what);
            let people = if scene.user.is_some() { 1.0 } else { scene.users() };
            let count = (people * popularity * month.log_normal(1.0, 0.5)) as u64;
            let errors = (count as f64 * failing * month.between(0.5, 1.5)) as u64;
            (count > 0).then(|| Usage {
                metric: metric.id.as_str().to_owned(),
                dimensions: given,
                count,
                errors: errors.min(count),
                durations: Some(durations(&mut month, count, usual)),
            })
        })
        .collect()
}

/// One row per combination: each step is reached by fewer than the one before.
pub(super) fn flows(
    scene: &Scene<'_>,
    metric: &Metric,
    steps: &[String],
    dimensions: &[Dimension],
) -> Vec<Flow> {
    let rows = combinations(scene, dimensions).into_iter().map(|given| {
        let mut month = scene.monthly_dice(&format!("flow {} by {given:?}", metric.id));
        let mut reached = (scene.users() * month.log_normal(1.0, 0.6)).max(1.0);
        let mut walked = Vec::new();
        for step in steps {
            if reached < 1.0 {
                break;
            }
            let mut about = scene.base_dice(&format!("step {step} of {}", metric.id));
            let (stays, fails) = (about.between(0.6, 0.97), about.between(0.0, 0.08));
            let failed = (reached * fails) as u64;
            walked.push(FlowStep { step: step.clone(), reached: reached as u64, failed });
            reached = (reached - failed as f64) * stays * month.between(0.9, 1.0);
        }
        Flow { metric: metric.id.as_str().to_owned(), dimensions: given, steps: walked }
    });
    rows.filter(|flow| !flow.steps.is_empty()).collect()
}

/// Every combination of the dimensions' values at this site, up to [`USAGE_ROWS`].
fn combinations(scene: &Scene<'_>, dimensions: &[Dimension]) -> Vec<BTreeMap<String, String>> {
    let mut rows = vec![BTreeMap::new()];
    for dimension in dimensions {
        let values = values(scene, dimension);
        if values.is_empty() {
            continue;
        }
        rows = rows
            .iter()
            .flat_map(|row: &BTreeMap<String, String>| {
                values.iter().map(|value| {
                    let mut row = row.clone();
                    row.insert(dimension.name.clone(), value.clone());
                    row
                })
            })
            .filter(|row| is_own_role(scene, dimensions, row))
            .take(USAGE_ROWS)
            .collect();
    }
    rows
}

/// A pseudonymous user has one role.
fn is_own_role(scene: &Scene<'_>, dimensions: &[Dimension], row: &BTreeMap<String, String>) -> bool {
    let (Some(user), Some(role)) = (row.get("user"), row.get("role")) else { return true };
    let roles = dimensions.iter().find(|dimension| dimension.name == "role").map(|role| values(scene, role));
    let own = roles.and_then(|roles| scene.dice(&format!("role of {user}")).pick(&roles).cloned());
    own.as_ref() == Some(role)
}

fn values(scene: &Scene<'_>, dimension: &Dimension) -> Vec<String> {
    let name = dimension.name.as_str();
    let fitting = |words: &[&str]| -> Vec<String> {
        words.iter().filter(|word| allowed(&dimension.values, word)).map(|word| (*word).to_owned()).collect()
    };
    if name.contains("locale") || name.contains("language") {
        let locales = text::locales(scene);
        return locales.into_iter().find(|locale| allowed(&dimension.values, locale)).into_iter().collect();
    }
    if name == "user" {
        let seen = (scene.users() as usize).clamp(1, USERS_SEEN);
        let users = (0..seen).map(|user| pseudonym(scene, user));
        return users.filter(|user| allowed(&dimension.values, user)).collect();
    }
    let all = match &dimension.values {
        TextRule::OneOf(values) => values.clone(),
        TextRule::Pattern { .. } if name.contains("role") => fitting(&ROLES),
        TextRule::Pattern { .. } => fitting(&FEATURES),
    };
    // A user has one role; everything else is open to all.
    match scene.user {
        Some(user) if name.contains("role") => scene
            .dice(&format!("role of {}", pseudonym(scene, user)))
            .pick(&all)
            .cloned()
            .into_iter()
            .collect(),
        _ => all,
    }
}

/// Durations around a usual one, milliseconds, as many as were counted.
fn durations(dice: &mut Dice, count: u64, usual: f64) -> Histogram {
    let draws = count.min(DURATION_DRAWS);
    let mut histogram = Histogram::default();
    for draw in 0..draws {
        let mut one = Histogram::default();
        one.record(dice.log_normal(usual, 0.7));
        let stands_for = count / draws + u64::from(draw < count % draws);
        one.buckets.values_mut().for_each(|bucket| *bucket *= stands_for);
        histogram.merge(&one);
    }
    histogram
}
