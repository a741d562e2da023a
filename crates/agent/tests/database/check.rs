//! What holds of a snapshot of the sample product, whichever database it is in.

use candor_agent::database::Gathered;
use candor_policy::{Entry, Redacted, Value};

use crate::product::entries;

const IN_USE: Entry = Entry::Redacted(Redacted::InUse);

fn text(text: &str) -> Entry {
    Entry::Text(text.to_owned())
}

/// Everything that the policy wants of release 2016 is there, and right.
pub fn whole(gathered: &Gathered) {
    assert!(gathered.not_measured.is_empty(), "{:?} {:?}", gathered.not_measured, gathered.notes);
    assert!(gathered.notes.is_empty(), "{:?}", gathered.notes);
    let metrics: Vec<&str> = gathered.facts.keys().map(String::as_str).collect();
    assert_eq!(metrics, ["mobile_devices", "module_records", "options", "system_settings", "user_count"]);

    let counts = entries(gathered, "module_records");
    assert_eq!(counts.len(), 15);
    assert_eq!(counts["WKORDER"], Entry::Integer(18_432));
    assert_eq!(
        counts["PKTREE"],
        Entry::Integer(0),
        "an empty table counts zero: that is not the same as missing"
    );
    assert_eq!(entries(gathered, "user_count")["USER_INFO"], Entry::Integer(143));
    options(gathered);
    settings(gathered);
    devices(gathered);
}

fn options(gathered: &Gathered) {
    let options = entries(gathered, "options");
    for (key, expected) in [
        ("WKOPTIONS.ALLOW_EDIT", Entry::Flag(true)),
        ("WKOPTIONS.REQUIRE_COST_CENTER", Entry::Flag(false)),
        ("WKOPTIONS.NEXT_NUMBER", Entry::Integer(18_433)),
        ("WKOPTIONS.LABOR_RATE", Entry::Decimal(42.5)),
        ("WKOPTIONS.DATE_FORMAT", text("dd/mm/yyyy")),
        ("WKOPTIONS.COST_CENTER", Entry::Unset),
        ("WKOPTIONS.COMPLETION_NOTE", text("")),
        ("WKOPTIONS.REPORT_TARGET", IN_USE),
        ("WKOPTIONS.ATTACHMENTS", IN_USE),
        ("SWOPTIONS.GIS_SOURCE", IN_USE),
        ("WTOPTIONS.BASEMAP_ID", IN_USE),
        ("WTOPTIONS.SCADA_SOURCE", IN_USE),
        ("WTOPTIONS.ALERT_RECIPIENT", IN_USE),
        ("STOPTIONS.SPATIAL_REFERENCE", text("EPSG:4326")),
    ] {
        assert_eq!(options.get(key), Some(&expected), "{key}");
    }
    assert_eq!(options.len(), 47);
}

fn settings(gathered: &Gathered) {
    let settings = entries(gathered, "system_settings");
    for key in ["License Code", "SMTP Encrypted Password"] {
        assert!(!settings.contains_key(key), "{key} is excepted");
    }
    for key in [
        "SMTP Server",
        "Web Server URL",
        "Web Server Name",
        "Document Root",
        "Backup Folder",
        "Email Sender",
        "GIS Note",
        "Telemetry Relay",
        "Failover Address",
        "Reporting Connection",
        "Install Root",
        "Report Host",
    ] {
        assert_eq!(settings.get(key), Some(&IN_USE), "{key}");
    }
    for (key, expected) in [
        ("SMTP Port", text("25")),
        ("Application Language", text("en-US")),
        ("Agency Time Zone", text("America/Chicago")),
        ("Login Banner", text("")),
        ("Support Contact", Entry::Unset),
        ("Minimum Password Length", text("8")),
    ] {
        assert_eq!(settings.get(key), Some(&expected), "{key}");
    }
}

fn devices(gathered: &Gathered) {
    let Value::Rows(rows) = &gathered.facts["mobile_devices"] else { panic!("{gathered:?}") };
    let devices: i64 =
        rows.iter().map(|row| if let Entry::Integer(count) = row["count"] { count } else { 0 }).sum();
    assert_eq!(devices, 59);
    let hidden: Vec<_> = rows.iter().filter(|row| row["model"] == IN_USE).map(|row| &row["count"]).collect();
    assert_eq!(hidden, [&Entry::Integer(2)], "two machines' names became one row that names neither");
    assert!(rows.iter().any(|row| row["app_version"] == Entry::Unset));
    let columns: Vec<&str> = rows[0].keys().map(String::as_str).collect();
    assert_eq!(columns, ["app_version", "count", "model", "os_version"], "no owner, no device of its own");
}
