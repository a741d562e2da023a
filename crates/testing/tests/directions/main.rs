//! The directions of dependency that ARCHITECTURE.md draws, held against the sources: which crate names which, which of the
//! collector's modules names which, and that no modules of a crate form a circle.
//!
//! Code that is compiled for tests alone may look anywhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails; helpers are no exception")]

mod circles;
mod graph;
mod rules;
mod scan;

use graph::Sources;

/// Fails with one line for each offence.
fn check(offences: &[String]) {
    assert!(offences.is_empty(), "{} against the direction:\n{}", offences.len(), offences.join("\n"));
}

#[test]
fn no_crate_names_one_that_it_must_not_know() {
    let mut offences = Vec::new();
    for (crate_name, known) in rules::CRATES {
        for reference in Sources::of(crate_name).outside() {
            let other = reference.path[0].as_str();
            if other.starts_with("candor_") && other != crate_name.replace('-', "_") {
                let other = other.replace('_', "-");
                if !known.contains(&other.as_str()) {
                    offences.push(format!("{}: {crate_name} names {other}", reference.place));
                }
            }
        }
    }
    check(&offences);
}

#[test]
fn every_crate_has_a_rule() {
    let folder = graph::root().join("crates");
    let mut crates: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").exists())
        .map(|path| format!("candor-{}", path.file_name().unwrap().to_string_lossy()))
        .collect();
    crates.sort();
    let mut ruled: Vec<&str> = rules::CRATES.iter().map(|(name, _)| *name).collect();
    ruled.sort_unstable();
    assert_eq!(crates, ruled);
}

#[test]
fn the_collector_s_modules_look_one_way() {
    let sources = Sources::of("candor-collector");
    let mut offences = Vec::new();
    for (module, forbidden) in rules::COLLECTOR {
        assert!(
            sources.has_module(module),
            "the collector has no module `{module}`: the rules are out of date"
        );
        for reference in sources.inside().filter(|reference| reference.is_from(module)) {
            if let Some(other) = forbidden.iter().find(|other| reference.is_to(other)) {
                offences.push(format!("{}: {module} names {other}", reference.place));
            }
        }
    }
    check(&offences);
}

#[test]
fn nobody_above_the_store_names_an_engine() {
    let sources = Sources::of("candor-collector");
    let offences: Vec<String> = sources
        .outside()
        .filter(|reference| {
            !reference.is_from("store") && rules::ENGINES.contains(&reference.path[0].as_str())
        })
        .map(|reference| {
            format!("{}: {} names {}", reference.place, reference.from.join("::"), reference.path[0])
        })
        .collect();
    check(&offences);
}

#[test]
fn no_modules_of_a_crate_form_a_circle() {
    let offences: Vec<String> = rules::CRATES
        .iter()
        .flat_map(|(name, _)| circles::of(&Sources::of(name)).into_iter().map(move |circle| (name, circle)))
        .map(|(name, circle)| format!("{name}: {}\n{}", circle.members, circle.places.join("\n")))
        .collect();
    check(&offences);
}
