//! JSON Schemas, draft 2020-12: of the manifest, so that editors complete and check it, and of the report, so that others
//! can write and check one. Both follow from what the readers use; neither replaces them.

mod manifest;
mod wire;

use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The schema of a manifest, as TOML maps to JSON: days are texts.
pub fn manifest() -> Value {
    manifest::schema()
}

/// The schema of a report's JSON.
pub fn report() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<crate::Report>();
    schema.insert("$id".to_owned(), "urn:candor:schema:report".into());
    schema.to_value()
}
