//! Schemas of the wire types whose reader or writer is written by hand.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Digest, Entry, Histogram, InstallationId, Value};

/// Gives a type a schema of its own name.
macro_rules! wire_schema {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

wire_schema!(Digest, "Digest", |_generator| json_schema!({
    "type": "string",
    "description": "A SHA-256 digest.",
    "pattern": "^sha-256:[0-9a-f]{64}$",
}));

wire_schema!(InstallationId, "InstallationId", |_generator| json_schema!({
    "type": "string",
    "description": "An installation's name: the first 16 bytes of the SHA-256 of its public key, base64url.",
    "pattern": "^[A-Za-z0-9_-]{22}$",
}));

wire_schema!(Value, "Value", |generator| json_schema!({
    "description": "A fact's value; what it may be, the policy says.",
    "oneOf": [
        {"type": ["boolean", "number", "string"]},
        {
            "type": "object",
            "description": "Entries by key.",
            "additionalProperties": generator.subschema_for::<Entry>(),
        },
        {
            "type": "array",
            "description": "Rows of named columns.",
            "items": {"type": "object", "additionalProperties": generator.subschema_for::<Entry>()},
        },
    ],
}));

wire_schema!(Entry, "Entry", |_generator| json_schema!({
    "description": "One entry. Unset (null), empty text and \"in use\" are three different things.",
    "oneOf": [
        {"type": ["null", "boolean", "number", "string"]},
        redacted("redacted", "There is a value.", serde_json::json!({"const": "in-use"})),
        redacted("hash", "The value's keyed hash.", serde_json::json!({"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})),
        redacted(
            "bucket",
            "The power of ten that the value falls into.",
            serde_json::json!({"type": "string", "pattern": "^[0-9-]{0,48}$"}),
        ),
    ],
}));

fn redacted(field: &str, description: &str, value: serde_json::Value) -> serde_json::Value {
    serde_json::json!({
        "type": "object",
        "description": description,
        "properties": {field: value},
        "required": [field],
        "additionalProperties": false,
    })
}

wire_schema!(Histogram, "Histogram", |_generator| json_schema!({
    "type": "object",
    "description": "Durations in milliseconds, counted by bucket: OpenTelemetry's exponential histogram at scale 3.",
    "properties": {
        "zero": {"type": "integer", "minimum": 0, "description": "How many were zero or less."},
        "buckets": {
            "type": "array",
            "description": "Pairs of a bucket's index and its count, indices rising.",
            "items": {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "integer", "minimum": 0}],
                "minItems": 2,
                "maxItems": 2,
            },
        },
    },
    "required": ["buckets"],
    "additionalProperties": false,
}));
