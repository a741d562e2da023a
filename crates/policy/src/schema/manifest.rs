//! The manifest's schema, from the declaration that the reader uses.

use serde_json::{Map, Value, json};

use crate::manifest::fields::{MANIFEST, METRIC, ORIGINS, TYPES, TypeSpec};
use crate::manifest::form::{Applies, Field, Form, Need, TableSpec};
use crate::manifest::words::Choice;

/// Form of an identifier, as `identifiers` has it.
const IDENTIFIER: &str = "^[a-z][a-z0-9_-]{0,63}$";
/// No blanks at either end, nothing empty.
const LINE: &str = r"^\S(.*\S)?$";

/// The whole schema.
pub(super) fn schema() -> Value {
    let mut schema = table(&MANIFEST);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!("urn:candor:schema:policy");
    schema["title"] = json!("Candor collection policy");
    schema
}

/// A table; what belongs to some metrics alone is asked for by the rules of types and origins.
fn table(spec: &'static TableSpec) -> Value {
    let properties: Map<String, Value> =
        spec.fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let always = spec.fields.iter().filter(|field| matches!(field.applies, Applies::Always));
    let mut schema = json!({
        "type": "object",
        "description": spec.doc,
        "additionalProperties": false,
        "required": required(always),
        "properties": properties,
    });
    if spec.fields.iter().any(|field| field.name == "pattern") {
        schema["dependentRequired"] = json!({"pattern": ["max_length"], "max_length": ["pattern"]});
        schema["dependentSchemas"] = json!({"values": {"properties": {"pattern": false}}});
    }
    if std::ptr::eq(spec, &METRIC) {
        let rules: Vec<Value> =
            TYPES.iter().map(of_type).chain(ORIGINS.iter().map(|(word, _)| of_origin(word))).collect();
        schema["allOf"] = Value::Array(rules);
    }
    schema
}

fn required<'a>(fields: impl Iterator<Item = &'a Field>) -> Vec<&'a str> {
    fields.filter(|field| field.need == Need::Required).map(|field| field.name).collect()
}

fn property(field: &'static Field) -> Value {
    let mut schema = form(&field.form);
    schema["description"] = json!(field.doc);
    if let Some(example) = example(field) {
        schema["examples"] = json!([example]);
    }
    schema
}

/// The example as JSON; a day stays the text that it is.
fn example(field: &Field) -> Option<Value> {
    if matches!(field.form, Form::Date) {
        return Some(json!(field.example));
    }
    let line = format!("value = {}", field.example);
    let parsed: Map<String, Value> = toml::from_str(&line).ok()?;
    parsed.get("value").cloned()
}

fn form(form: &Form) -> Value {
    let line = json!({"type": "string", "pattern": LINE});
    match form {
        Form::Line => line,
        Form::Prose => json!({"type": "string", "minLength": 1}),
        Form::Word(choices) => words(&choices()),
        Form::Words(choices) => json!({"type": "array", "items": words(&choices()), "uniqueItems": true}),
        Form::Lines => json!({"type": "array", "items": line, "minItems": 1, "uniqueItems": true}),
        Form::Integer(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Form::Number => json!({"type": "number"}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Date => json!({"type": "string", "format": "date"}),
        Form::Identifier => json!({"type": "string", "pattern": IDENTIFIER}),
        Form::LineMap => json!({"type": "object", "additionalProperties": line}),
        Form::WordMap(choices) => json!({"type": "object", "additionalProperties": words(&choices())}),
        Form::Table(spec) => table(spec),
        Form::Tables(spec) => json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": IDENTIFIER},
            "additionalProperties": table(spec),
        }),
    }
}

/// A closed list; `x-taplo` is what the TOML editors show beside each word.
fn words(choices: &[Choice]) -> Value {
    let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
    let docs: Vec<&str> = choices.iter().map(|choice| choice.doc).collect();
    json!({"enum": words, "x-taplo": {"docs": {"enumValues": docs}}})
}

/// What a metric of this type must have, may have and cannot have.
fn of_type(spec: &TypeSpec) -> Value {
    let only = match spec.origins {
        [only] => Some(*only),
        _ => None,
    };
    let belongs = |field: &&Field| match field.applies {
        Applies::Always => true,
        Applies::Types(types) => types.contains(&spec.word),
        Applies::Origins(origins) => origins.iter().any(|origin| spec.origins.contains(origin)),
    };
    let asked = METRIC.fields.iter().filter(|field| match field.applies {
        Applies::Always => false,
        Applies::Types(types) => types.contains(&spec.word),
        Applies::Origins(origins) => only.is_some_and(|only| origins.contains(&only)),
    });
    let mut required = required(asked);
    if only.is_none() {
        required.push("from");
    }
    let mut properties = forbidden(METRIC.fields.iter().filter(|field| !belongs(field)));
    properties.insert("from".to_owned(), json!({"enum": spec.origins}));
    json!({
        "if": {"properties": {"type": {"const": spec.word}}, "required": ["type"]},
        "then": {"required": required, "properties": properties},
    })
}

/// What a metric from this origin must have and cannot have.
fn of_origin(origin: &str) -> Value {
    let of_origins = METRIC.fields.iter().filter_map(|field| match field.applies {
        Applies::Origins(origins) => Some((field, origins.contains(&origin))),
        _ => None,
    });
    let (own, others): (Vec<_>, Vec<_>) = of_origins.partition(|(_, belongs)| *belongs);
    json!({
        "if": {"properties": {"from": {"const": origin}}, "required": ["from"]},
        "then": {
            "required": required(own.into_iter().map(|(field, _)| field)),
            "properties": forbidden(others.into_iter().map(|(field, _)| field)),
        },
    })
}

fn forbidden<'a>(fields: impl Iterator<Item = &'a Field>) -> Map<String, Value> {
    fields.map(|field| (field.name.to_owned(), Value::Bool(false))).collect()
}
