//! Whether a manifest may follow a published one. What sites and collectors hold was gathered under the earlier version, so
//! a new one may add, end and reword, and may not change what a name means.

use super::faults::Found;
use super::metrics::ReadMetric;
use super::section::Section;
use crate::{Digest, Policy};

/// Holds a manifest against the version that it is to follow.
pub(super) fn check(
    previous: &Policy,
    manifest: &str,
    top: &Section<'_>,
    metrics: &[ReadMetric<'_>],
    found: &mut Found,
) {
    // What is wrong with the table itself was said when it was read.
    if let Some(header) = top.table("policy", &mut Found::new("")) {
        same_policy(previous, &header, found);
        new_version(previous, manifest, &header, found);
        releases_keep_their_order(previous, &header, found);
    }
    for metric in metrics {
        types_stay(previous, metric, found);
    }
}

fn same_policy(previous: &Policy, header: &Section<'_>, found: &mut Found) {
    if let Some(id) = header.text("id").filter(|id| *id != previous.id.as_str()) {
        found.add(
            header.place("id"),
            format!("`{id}` is another policy than `{}`, which it is to follow", previous.id),
            "keep the `id` over all versions, or publish it as a policy of its own",
        );
    }
}

fn new_version(previous: &Policy, manifest: &str, header: &Section<'_>, found: &mut Found) {
    let changed = Digest::of(manifest.as_bytes()) != previous.digest;
    if changed && header.text("version") == Some(previous.version.as_str()) {
        found.add(
            header.place("version"),
            format!("version {} was published with other content", previous.version),
            "give every change a new `version`: a version names one text for ever",
        );
    }
    if let Some(effective) = header.date("effective").filter(|date| *date < previous.effective) {
        found.add(
            header.place("effective"),
            format!(
                "{effective} is earlier than {}, when version {} began",
                previous.effective, previous.version
            ),
            "let the new version begin after the one that it follows",
        );
    }
}

/// The releases of the earlier version are still there, in the same order; new ones may stand anywhere.
fn releases_keep_their_order(previous: &Policy, header: &Section<'_>, found: &mut Found) {
    let listed = header.texts("releases");
    let mut before = 0;
    for release in previous.releases.names() {
        match listed.iter().position(|placed| placed.text == *release) {
            None => found.add(
                header.place("releases"),
                format!("release `{release}` of version {} is gone", previous.version),
                "keep it in its place: sites that run it still ask what is collected in it",
            ),
            Some(place) if place < before => found.add(
                listed[place].at,
                format!(
                    "release `{release}` is listed before releases that it followed in version {}",
                    previous.version
                ),
                "keep the order: `since` and `until` would mean something else",
            ),
            Some(place) => before = place,
        }
    }
}

fn types_stay(previous: &Policy, metric: &ReadMetric<'_>, found: &mut Found) {
    let (Some(earlier), Some(word)) = (previous.metric(&metric.id), metric.section.text("type")) else {
        return;
    };
    if earlier.kind.word() != word {
        found.add(
            metric.section.place("type"),
            format!(
                "{} was of type `{}` in version {} and is now of type `{word}`",
                metric.section.name,
                earlier.kind.word(),
                previous.version
            ),
            "keep the type, or give the new metric a name of its own: old and new values would lie in one column",
        );
    }
}
