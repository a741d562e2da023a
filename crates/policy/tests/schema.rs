//! The JSON Schemas say what the readers say: what reads without a fault validates, and what is at fault by its form does
//! not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::str::FromStr;

use candor_policy::{Report, admit, schema};
use serde_json::{Value, json};

use support::{EVERYTHING, everything, example, report_json};

fn is_valid(schema: &Value, instance: &Value) -> Result<(), String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    match validator.iter_errors(instance).next() {
        None => Ok(()),
        Some(error) => Err(format!("{}: {error}", error.instance_path())),
    }
}

/// TOML as JSON, days as texts.
fn as_json(manifest: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(day) => json!(day.to_string()),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(name, value)| (name, convert(value))).collect()
            }
            plain => serde_json::to_value(plain).unwrap(),
        }
    }
    convert(toml::Value::Table(toml::Table::from_str(manifest).unwrap()))
}

#[test]
fn manifests_that_read_validate() {
    let schema = schema::manifest();
    for manifest in [&example("lucity-data-collection"), &example("cireson-product-metrics"), EVERYTHING] {
        is_valid(&schema, &as_json(manifest)).unwrap();
    }
}

#[test]
fn a_manifest_with_a_fault_of_form_does_not_validate() {
    let schema = schema::manifest();
    for (from, to) in [
        ("publisher = \"Acme\"\n", ""),
        ("publisher = \"Acme\"", "publishr = \"Acme\"\npublisher = \"Acme\""),
        ("consent = \"opt-out\"", "consent = \"maybe\""),
        ("retention_months = 24", "retention_months = 0"),
        ("type = \"flag\"", "type = \"flagg\""),
        ("type = \"flag\"", "type = \"flag\"\nunit = \"x\""),
        ("type = \"flag\"", "type = \"flag\"\nfrom = \"os.version\""),
        ("from = \"os.version\"\n", ""),
        ("max_length = 20\n", ""),
        ("key_column = \"SETTING_NAME\"\n", ""),
        ("key_column = \"SETTING_NAME\"", "key_column = \"SETTING_NAME\"\ntables = [\"X\"]"),
        ("identifies = \"user\"\n", ""),
        ("[metrics.clustered]", "[metrics.Clustered]"),
        ("except = [\"License Code\"]", "detect = [\"hostname\"]"),
    ] {
        assert!(EVERYTHING.contains(from), "{from}");
        let manifest = as_json(&EVERYTHING.replacen(from, to, 1));
        assert!(is_valid(&schema, &manifest).is_err(), "{from} -> {to}");
    }
}

#[test]
fn an_admitted_report_validates() {
    let policy = everything();
    let fields = json!({
        "facts": {
            "edition": "Standard", "clustered": true, "memory": 64.5, "records": {"WKORDER": 1200},
            "settings": {"Units": "metric", "Seats": 42, "SMTP Server": "mail01", "Unset": null, "Empty": ""},
            "devices": [{"model": "iPad Air", "os_version": null, "count": 12}],
        },
        "usage": [{"metric": "features", "dimensions": {"feature": "search"}, "count": 3,
                   "durations": {"zero": 1, "buckets": [[10, 2]]}}],
        "flows": [{"metric": "checkout", "dimensions": {}, "steps": [{"step": "opened", "reached": 5}]}],
        "withheld": ["customer"],
        "not_measured": [{"metric": "records", "key": "SWPIPE", "reason": "table-missing"}],
    });
    let (admitted, _) = admit(&policy, Report::parse(&report_json(&policy, fields)).unwrap()).unwrap();
    let schema = schema::report();
    is_valid(&schema, &serde_json::from_slice(admitted.body()).unwrap()).unwrap();
    is_valid(&schema, &serde_json::from_slice(&report_json(&policy, json!({}))).unwrap()).unwrap();
}

#[test]
fn what_no_reader_takes_whole_does_not_validate() {
    let policy = everything();
    let schema = schema::report();
    for fields in [
        json!({"surprise": 1}),
        json!({"installation": "someone"}),
        json!({"usage": [{"metric": "features", "count": -1}]}),
        json!({"facts": {"settings": {"Units": [1, 2]}}}),
        json!({"facts": {"settings": {"Units": {"redacted": "gone"}}}}),
        json!({"policy": {"id": "Everything", "version": "1", "digest": "sha-256:0"}}),
    ] {
        let report = serde_json::from_slice(&report_json(&policy, fields.clone())).unwrap();
        assert!(is_valid(&schema, &report).is_err(), "{fields}");
    }
}
