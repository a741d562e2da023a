//! Versions and bounded texts: what the origin says, in the policy's own words.

use candor_policy::{Metric, Origin, TextRule};

use crate::facts::{Scene, allowed};

const LOCALES: [(&str, u32); 6] =
    [("en-US", 74), ("en-CA", 9), ("fr-CA", 6), ("es-US", 5), ("en-GB", 4), ("de-DE", 2)];

/// Whether a metric's name or title holds a word.
pub(super) fn mentions(metric: &Metric, word: &str) -> bool {
    metric.id.as_str().contains(word) || metric.title.to_lowercase().contains(word)
}

/// The version that a metric of type `version` speaks of.
pub(super) fn version(scene: &Scene<'_>, metric: &Metric) -> Option<String> {
    candidates(scene, metric).into_iter().next().or_else(|| Some(scene.version.to_owned()))
}

/// A text that the policy allows, if one is plausible.
pub(super) fn text(scene: &Scene<'_>, metric: &Metric, rule: &TextRule) -> Option<String> {
    let candidates = candidates(scene, metric);
    if let Some(found) = candidates.iter().find(|candidate| allowed(rule, candidate)) {
        return Some(found.clone());
    }
    let TextRule::OneOf(values) = rule else { return None };
    let alike = values.iter().find(|value| candidates.iter().any(|candidate| is_alike(value, candidate)));
    match alike {
        Some(value) => Some(value.clone()),
        // The origin leaves no choice but "other", where the policy has it; a given text is the site's own choice.
        None if metric.origin == Origin::Given => scene.dice(metric.id.as_str()).pick(values).cloned(),
        None => values.iter().find(|value| is_alike(value, "other")).cloned(),
    }
}

fn is_alike(value: &str, candidate: &str) -> bool {
    let (value, candidate) = (value.to_lowercase(), candidate.to_lowercase());
    value.contains(&candidate) || candidate.contains(&value)
}

/// What the origin says at this site, best words first.
fn candidates(scene: &Scene<'_>, metric: &Metric) -> Vec<String> {
    let site = scene.installation;
    let of_line = |line: &crate::platforms::Line, place: usize| {
        line.versions.get(place).map(|(version, _)| (*version).to_owned()).into_iter().collect()
    };
    match &metric.origin {
        Origin::OsVersion => of_line(site.system, site.system_climb.at(scene.moment)),
        Origin::OsLocale => locales(scene),
        Origin::DatabaseProduct => site.database.names.iter().map(|name| (*name).to_owned()).collect(),
        Origin::DatabaseVersion => of_line(site.database, site.database_climb.at(scene.moment)),
        Origin::DatabaseEdition => {
            site.database.editions.get(site.edition).map(|(name, _)| (*name).to_owned()).into_iter().collect()
        }
        _ if mentions(metric, "domain") => vec![scene.customer.domain.clone()],
        _ if mentions(metric, "locale") || mentions(metric, "language") => locales(scene),
        _ => Vec::new(),
    }
}

/// The customer's language, as a whole tag and as a language alone.
pub(super) fn locales(scene: &Scene<'_>) -> Vec<String> {
    let place = scene.customer_dice("locale").weighted(LOCALES.iter().map(|(_, weight)| *weight));
    let tag = LOCALES[place].0;
    let language = tag.split('-').next().unwrap_or(tag);
    vec![tag.to_owned(), language.to_owned()]
}
