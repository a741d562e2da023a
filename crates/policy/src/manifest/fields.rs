//! Every table and field that a manifest may have, declared once: the reader checks against it, its hints quote it,
//! and the JSON Schema is derived from it. What the fields mean together is the business of the modules beside it.

use crate::limits::TEXT_LENGTH;
use crate::{ConsentMode, Detector, Identifies, RedactionForm, Sensitivity, SourceKind, TransportForm};

use super::form::{Form, TableSpec, field};
use super::words::{Choice, choices};

const LINES: Form = Form::Lines;

/// The manifest itself.
pub static MANIFEST: TableSpec = TableSpec {
    noun: "manifest",
    doc: "A collection policy: what may be collected, by which process, why, for how long, and where it goes.",
    fields: &[
        field("policy", Form::Table(&POLICY), "who collects, and under which rules", ""),
        field("collector", Form::Table(&COLLECTOR), "where reports go", ""),
        field("purposes", Form::Tables(&PURPOSE), "why data is collected", ""),
        field("categories", Form::Tables(&CATEGORY), "what can be allowed or refused on its own", ""),
        field("sources", Form::Tables(&SOURCE), "the processes that gather", ""),
        field("metrics", Form::Tables(&METRIC), "what is collected", ""),
    ],
};

static POLICY: TableSpec = TableSpec {
    noun: "policy",
    doc: "Who collects, and under which rules.",
    fields: &[
        field(
            "id",
            Form::Identifier,
            "the policy's name, the same over all its versions",
            "\"acme-data-collection\"",
        ),
        field("version", Form::Line, "the policy's own version; a new one for every change", "\"1.0\""),
        field("title", Form::Line, "the programme's name, for people", "\"Acme Data Collection Program\""),
        field("publisher", Form::Line, "who collects", "\"Acme\""),
        field(
            "summary",
            Form::Prose,
            "what the programme is for, in a sentence or two",
            "\"Tells us which platforms to support.\"",
        ),
        field("contact", Form::Line, "where questions go", "\"privacy@acme.example\""),
        field("effective", Form::Date, "the first day on which this version holds", "2026-01-01"),
        field(
            "consent",
            Form::Word(choices::<ConsentMode>),
            "what an installer's box shows before anybody touches it",
            "\"opt-out\"",
        ),
        field("readers", LINES, "who sees what is collected, a sentence each", "[\"Support staff\"]"),
        field("opt_out", LINES, "how to stop it, a sentence each", "[\"Clear the box in the installer.\"]"),
        field(
            "releases",
            LINES,
            "the product's releases, oldest first; `since` and `until` of a metric name them",
            "[\"1.0\", \"1.1\"]",
        )
        .optional(),
    ],
};

static COLLECTOR: TableSpec = TableSpec {
    noun: "collector",
    doc: "Where reports go, and whose receipts are believed.",
    fields: &[
        field(
            "url",
            Form::Line,
            "the collector's address: https, or http on this machine alone",
            "\"https://collector.acme.example\"",
        ),
        field(
            "public_key",
            Form::Line,
            "the key that signs receipts, as `candor-collector key` prints it",
            "\"ed25519:<base64 of 32 bytes>\"",
        ),
        field(
            "voucher_key",
            Form::Line,
            "the key that signs vouchers, as `candor-collector voucher key` prints it; left out: installations are not verified",
            "\"ed25519:<base64 of 32 bytes>\"",
        )
        .optional(),
    ],
};

static PURPOSE: TableSpec = TableSpec {
    noun: "purpose",
    doc: "A reason to collect.",
    fields: &[
        field("title", Form::Line, "its name for people", "\"Choosing platforms\""),
        field(
            "description",
            Form::Prose,
            "what is done with the data",
            "\"We decide what to support next.\"",
        ),
    ],
};

static CATEGORY: TableSpec = TableSpec {
    noun: "category",
    doc: "A group of metrics that an administrator allows or refuses on its own.",
    fields: &[
        field("title", Form::Line, "its name for people", "\"Environment\""),
        field("description", Form::Prose, "what belongs to it", "\"Versions of the software around ours.\""),
    ],
};

static SOURCE: TableSpec = TableSpec {
    noun: "source",
    doc: "A process that gathers.",
    fields: &[
        field("kind", Form::Word(choices::<SourceKind>), "what kind of process it is", "\"installer\""),
        field("title", Form::Line, "its name for people", "\"Web installer\""),
        field("applications", LINES, "the applications that it may name in a report", "[\"Acme Web\"]"),
        field(
            "schedule",
            Form::Line,
            "when it gathers and sends, for people",
            "\"right before the installer exits\"",
        ),
    ],
};

const KEYED: &[&str] = &["count", "setting"];
const BROKEN_DOWN: &[&str] = &["usage", "flow"];

/// A metric.
pub static METRIC: TableSpec = TableSpec {
    noun: "metric",
    doc: "One declared datum.",
    fields: &[
        field("title", Form::Line, "its name for people", "\"Operating system\""),
        field("description", Form::Prose, "what it is, in a sentence", "\"Name and version of the system.\""),
        field("type", Form::Word(metric_types), "what kind of value it has", "\"version\""),
        field("from", Form::Word(origins), "where its value comes from", "\"os.version\"").optional(),
        field(
            "category",
            Form::Identifier,
            "the category that it is allowed or refused with",
            "\"environment\"",
        ),
        field("purposes", LINES, "why it is collected", "[\"platforms\"]"),
        field("owner", Form::Line, "who at the vendor answers for it", "\"Platform team\""),
        field(
            "sensitivity",
            Form::Word(choices::<Sensitivity>),
            "how close it comes to the customer",
            "\"technical\"",
        ),
        field("sources", LINES, "the processes that gather it", "[\"web-installer\"]"),
        field("retention_months", Form::Integer(1, 120), "how long the collector keeps it, months", "24"),
        field("since", Form::Line, "the first release that collects it; left out: all", "\"2015\"")
            .optional(),
        field("until", Form::Line, "the last release that collects it; left out: all", "\"2016\"").optional(),
        field("values", LINES, "the values that the text may have", "[\"on\", \"off\"]")
            .optional()
            .of_types(&["text"]),
        field(
            "pattern",
            Form::Line,
            "a regular expression that the whole text must match; `max_length` goes with it",
            "\"[A-Z]{2}\"",
        )
        .optional()
        .of_types(&["text"]),
        field("max_length", Form::Integer(1, TEXT_LENGTH as i64), "the longest text, bytes", "64")
            .optional()
            .of_types(&["text"]),
        field("min", Form::Number, "the smallest number", "0").optional().of_types(&["number"]),
        field("max", Form::Number, "the largest number", "100").optional().of_types(&["number", "count"]),
        field("unit", Form::Line, "what is counted or measured", "\"records\"")
            .of_types(&["number", "count"]),
        field("keys", LINES, "the keys that may appear; `*` stands for any characters", "[\"Mail*\"]")
            .optional()
            .of_types(KEYED),
        field("tables", LINES, "the tables that are read; `*` stands for any characters", "[\"*OPTIONS\"]")
            .of_origins(&["database.row-counts", "database.columns"]),
        field("table", Form::Line, "the table that is read", "\"SYSTEMSETTINGS\"")
            .of_origins(&["database.rows", "database.devices"]),
        field("key_column", Form::Line, "the column that holds the names", "\"SETTING_NAME\"")
            .of_origins(&["database.rows"]),
        field("value_column", Form::Line, "the column that holds the values", "\"SETTING_VALUE\"")
            .of_origins(&["database.rows"]),
        field(
            "columns",
            Form::LineMap,
            "what devices are counted by: a name, and the table's column",
            "{ model = \"DEVICE_MODEL\" }",
        )
        .of_origins(&["database.devices"]),
        field("except", LINES, "settings that are never read and never sent", "[\"License Code\"]")
            .optional()
            .of_types(&["setting"]),
        field(
            "redact",
            Form::WordMap(choices::<RedactionForm>),
            "settings that are rewritten before they leave, and how",
            "{ \"SMTP Server\" = \"in-use\" }",
        )
        .optional()
        .of_types(&["setting"]),
        field(
            "detect",
            Form::Words(choices::<Detector>),
            "what to look for in values; found, only \"in use\" is sent; left out: everything",
            "[\"host-name\", \"url\"]",
        )
        .optional()
        .of_types(&["setting"]),
        field(
            "strict",
            Form::Flag,
            "send only values of a form that reveals nothing, and those in `harmless`; others leave as \"in use\"",
            "true",
        )
        .optional()
        .of_types(&["setting"]),
        field("harmless", LINES, "the other values that a `strict` metric sends", "[\"Vitrified clay\"]")
            .optional()
            .of_types(&["setting"]),
        field("steps", LINES, "the flow's steps, in order", "[\"opened\", \"saved\"]").of_types(&["flow"]),
        field("dimensions", Form::Tables(&DIMENSION), "what it is broken down by", "")
            .optional()
            .of_types(BROKEN_DOWN),
        field("identifies", Form::Word(choices::<Identifies>), "whom it tells apart", "\"customer\"")
            .of_types(&["identity"]),
        field("form", Form::Word(choices::<TransportForm>), "how the address is kept", "\"truncated\"")
            .of_types(&["transport"]),
    ],
};

static DIMENSION: TableSpec = TableSpec {
    noun: "dimension",
    doc: "One way in which usage is broken down.",
    fields: &[
        field("title", Form::Line, "its name for people", "\"Role\""),
        field("values", LINES, "the values that it may have", "[\"analyst\", \"end user\"]").optional(),
        field(
            "pattern",
            Form::Line,
            "a regular expression that the whole value must match; `max_length` goes with it",
            "\"[a-z]{2}-[A-Z]{2}\"",
        )
        .optional(),
        field("max_length", Form::Integer(1, TEXT_LENGTH as i64), "the longest value, bytes", "5").optional(),
    ],
};

/// A type that a metric can have.
pub struct TypeSpec {
    /// Its word.
    pub word: &'static str,
    /// What its values are.
    pub doc: &'static str,
    /// Where they can come from; where there is one place alone, `from` may be left out.
    pub origins: &'static [&'static str],
}

/// All types.
pub static TYPES: &[TypeSpec] = &[
    TypeSpec {
        word: "version",
        doc: "a version as text",
        origins: &["application.version", "os.version", "database.version", "given"],
    },
    TypeSpec {
        word: "text",
        doc: "one of a few values, or text bounded by a pattern and a length",
        origins: &["application.name", "os.locale", "database.product", "database.edition", "given"],
    },
    TypeSpec { word: "flag", doc: "yes or no", origins: &["given"] },
    TypeSpec { word: "number", doc: "a number within bounds", origins: &["given"] },
    TypeSpec {
        word: "count",
        doc: "whole numbers by key, such as record counts by table",
        origins: &["database.row-counts", "given"],
    },
    TypeSpec {
        word: "setting",
        doc: "values of settings by key, redacted before they leave",
        origins: &["database.columns", "database.rows", "given"],
    },
    TypeSpec { word: "devices", doc: "devices counted at the site", origins: &["database.devices"] },
    TypeSpec { word: "usage", doc: "counts, errors and durations of what was done", origins: &["recorded"] },
    TypeSpec { word: "flow", doc: "how far users got through ordered steps", origins: &["recorded"] },
    TypeSpec { word: "identity", doc: "tells customers or pseudonymous users apart", origins: &["given"] },
    TypeSpec {
        word: "transport",
        doc: "the public address that a submission comes from",
        origins: &["connection"],
    },
];

/// All places that a value can come from.
pub static ORIGINS: &[(&str, &str)] = &[
    ("application.name", "the application's name, in every report's header"),
    ("application.version", "the application's version, in every report's header"),
    ("os.version", "the operating system's name and version"),
    ("os.locale", "the operating system's language"),
    ("database.product", "the product of the database"),
    ("database.version", "the version of the database"),
    ("database.edition", "the edition of the database"),
    ("database.row-counts", "record counts of tables"),
    ("database.columns", "each column of tables that hold one row of options"),
    ("database.rows", "each row of a table of names and values"),
    ("database.devices", "devices in a table, counted by columns"),
    ("given", "given by the product or its configuration"),
    ("recorded", "recorded while the product runs"),
    ("connection", "the connection that a submission comes over"),
];

/// The type of this word.
pub fn type_spec(word: &str) -> Option<&'static TypeSpec> {
    TYPES.iter().find(|spec| spec.word == word)
}

fn metric_types() -> Vec<Choice> {
    TYPES.iter().map(|spec| Choice { word: spec.word, doc: spec.doc }).collect()
}

fn origins() -> Vec<Choice> {
    ORIGINS.iter().map(|(word, doc)| Choice { word, doc }).collect()
}
