//! The simulated base and the sample product stand side by side on the same pages: they say the same thing in the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use candor_fleet::{Base, Settings};
use candor_policy::Policy;
use serde_json::Value;

use crate::house::{BATCH, House, POLICY};

/// How each setting of a report is said: as yes or no, number or text. What is unset, empty or redacted says nothing of that.
fn ways(report: &Value) -> BTreeMap<String, &'static str> {
    let settings =
        ["options", "system_settings"].into_iter().filter_map(|metric| report["facts"][metric].as_object());
    let way = |value: &Value| match value {
        Value::Bool(_) => Some("yes or no"),
        Value::Number(_) => Some("number"),
        Value::String(text) if !text.is_empty() => Some("text"),
        _ => None,
    };
    settings.flatten().filter_map(|(key, value)| Some((key.clone(), way(value)?))).collect()
}

#[test]
fn a_setting_is_said_alike_by_the_simulated_base_and_by_the_sample_product() {
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let database = site.database();
    let preview = site.must(&[&["preview", "snapshot"], BATCH, &["--database", &database]].concat());
    let real = ways(&serde_json::from_str(&preview).expect("JSON"));

    let manifest =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/policies/{POLICY}.toml"));
    let manifest = std::fs::read_to_string(manifest).expect("the example policy");
    let settings =
        Settings { installations: 40, months: 6, until: "2026-11-21T12:00:00Z".parse().expect("a time") };
    let base = Base::grow(7, &settings, Arc::new(Policy::read(&manifest).expect("a policy")));
    let mut both = BTreeSet::new();
    for errand in base.errands() {
        let (admitted, _) = base.write(&errand).expect("a report");
        for (key, way) in ways(&serde_json::from_slice(admitted.body()).expect("JSON")) {
            if let Some(real) = real.get(&key) {
                assert_eq!(way, *real, "{key}: simulated and real");
                both.insert(key);
            }
        }
    }
    assert!(both.len() > 20, "they share too few settings for this to say much: {both:?}");
    assert!(both.iter().any(|key| real[key] == "yes or no"), "{both:?}");
}
