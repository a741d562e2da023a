//! Words that make a base look like one: tables, options and settings of a product for public works, and the features
//! of a portal. Used where a policy's own words do not already say what a value is called.

/// What a setting may be set to.
pub(crate) enum Choice {
    /// Yes, this often.
    Flag(f64),
    /// One of these whole numbers, each with its share.
    Number(&'static [(i64, u32)]),
    /// One of these words, each with its share.
    Word(&'static [(&'static str, u32)]),
    /// Something of the site's own that a policy should keep there.
    Own(Own),
}

/// What kind of thing of the site's own.
#[derive(Clone, Copy)]
pub(crate) enum Own {
    Host,
    Url,
    Share,
    Address,
    Secret,
}

/// A setting: its name, what it may be, and how often it is unset and how often empty.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) choice: Choice,
    pub(crate) unset: f64,
    pub(crate) empty: f64,
}

const fn setting(name: &'static str, choice: Choice) -> Setting {
    Setting { name, choice, unset: 0.02, empty: 0.0 }
}

const fn seldom(name: &'static str, choice: Choice) -> Setting {
    Setting { name, choice, unset: 0.35, empty: 0.15 }
}

/// Tables of modules, where a policy names them by pattern alone. The names are the sample product's.
pub(crate) const MODULE_TABLES: [&str; 16] = [
    "WKORDER",
    "WKREQUEST",
    "WKPMTEMPLATE",
    "SWPIPE",
    "SWMANHOLE",
    "SWINSPECTION",
    "STMPIPE",
    "WTHYDRANT",
    "WTVALVE",
    "WTMETER",
    "STSIGN",
    "STPAVEMENT",
    "FLVEHICLE",
    "PKTREE",
    "FCBUILDING",
    "USER_INFO",
];

/// Option tables of one row and many columns, as the sample product has them, and two more.
pub(crate) static OPTION_TABLES: [(&str, &[Setting]); 6] = [
    (
        "WKOPTIONS",
        &[
            setting("ALLOW_EDIT", Choice::Flag(0.8)),
            setting("AUTO_NUMBER", Choice::Flag(0.85)),
            setting("DEFAULT_PRIORITY", Choice::Word(&[("Medium", 70), ("Low", 12), ("High", 18)])),
            setting("DEFAULT_STATUS", Choice::Word(&[("Open", 62), ("Draft", 10), ("Approved", 28)])),
            setting("CLOSE_AFTER_DAYS", Choice::Number(&[(0, 40), (30, 35), (60, 15), (90, 10)])),
            setting("REQUIRE_COST_CENTER", Choice::Flag(0.35)),
            seldom("COST_CENTER", Choice::Word(&[("Public Works", 60), ("Utilities", 25), ("Streets", 15)])),
            seldom("REPORT_TARGET", Choice::Own(Own::Url)),
            seldom("ATTACHMENTS", Choice::Own(Own::Share)),
        ],
    ),
    (
        "SWOPTIONS",
        &[
            setting(
                "INSPECTION_STANDARD",
                Choice::Word(&[("PACP 7.0", 42), ("PACP 6.0", 20), ("WRc", 8), ("In-house", 30)]),
            ),
            setting("RATING_METHOD", Choice::Word(&[("Structural", 45), ("Overall", 40), ("Quick", 15)])),
            setting("DEFAULT_UNITS", Choice::Word(&[("Inches", 86), ("Millimeters", 14)])),
            setting("DEPTH_DECIMALS", Choice::Number(&[(0, 15), (1, 30), (2, 55)])),
            setting("SHOW_FLOW_ARROWS", Choice::Flag(0.6)),
            seldom("GIS_SOURCE", Choice::Own(Own::Host)),
        ],
    ),
    (
        "WTOPTIONS",
        &[
            setting(
                "METER_UNITS",
                Choice::Word(&[("Gallons", 70), ("Cubic Feet", 20), ("Cubic Meters", 10)]),
            ),
            setting("READING_CYCLE", Choice::Word(&[("Monthly", 68), ("Quarterly", 27), ("Yearly", 5)])),
            setting("FLUSH_INTERVAL_DAYS", Choice::Number(&[(180, 30), (365, 60), (730, 10)])),
            setting("ROUND_READINGS", Choice::Flag(0.4)),
            seldom("SCADA_SOURCE", Choice::Own(Own::Host)),
            seldom("ALERT_RECIPIENT", Choice::Own(Own::Address)),
        ],
    ),
    (
        "STOPTIONS",
        &[
            setting("PAVEMENT_INDEX", Choice::Word(&[("PCI", 52), ("OCI", 18), ("PASER", 30)])),
            setting("SIGN_STANDARD", Choice::Word(&[("MUTCD 2009", 80), ("MUTCD 2003", 12), ("Local", 8)])),
            setting("RETRO_CHECK", Choice::Flag(0.5)),
            setting("LENGTH_UNITS", Choice::Word(&[("Feet", 86), ("Meters", 14)])),
        ],
    ),
    (
        "GISOPTIONS",
        &[
            setting("SYNC_DIRECTION", Choice::Word(&[("both", 55), ("to map", 20), ("from map", 25)])),
            setting("SYNC_INTERVAL_MINUTES", Choice::Number(&[(15, 25), (60, 50), (1440, 25)])),
            seldom("GEOCODER", Choice::Own(Own::Url)),
        ],
    ),
    (
        "MBOPTIONS",
        &[
            setting("OFFLINE_MAPS", Choice::Flag(0.45)),
            setting("PHOTO_SIZE", Choice::Word(&[("small", 20), ("medium", 60), ("large", 20)])),
            setting("SYNC_ON_CELLULAR", Choice::Flag(0.7)),
        ],
    ),
];

/// Settings of a table of names and values, as the sample product has them.
pub(crate) static SYSTEM_SETTINGS: [Setting; 28] = [
    setting("License Code", Choice::Own(Own::Secret)),
    seldom("SMTP Server", Choice::Own(Own::Host)),
    setting("SMTP Port", Choice::Number(&[(25, 52), (587, 38), (465, 10)])),
    setting("SMTP Use TLS", Choice::Flag(0.6)),
    seldom("SMTP Encrypted Password", Choice::Own(Own::Secret)),
    seldom("Email Sender", Choice::Own(Own::Address)),
    setting("Email Notifications", Choice::Flag(0.7)),
    setting("Session Timeout", Choice::Number(&[(10, 10), (20, 50), (30, 25), (60, 15)])),
    setting("Password Expiry Days", Choice::Number(&[(0, 50), (30, 10), (60, 15), (90, 25)])),
    setting("Minimum Password Length", Choice::Number(&[(6, 25), (8, 50), (12, 20), (14, 5)])),
    setting("LDAP Enabled", Choice::Flag(0.3)),
    setting("Application Language", Choice::Word(&[("en-US", 84), ("en-CA", 8), ("fr-CA", 5), ("es-US", 3)])),
    setting("Date Format", Choice::Word(&[("mm/dd/yyyy", 80), ("dd/mm/yyyy", 8), ("yyyy-mm-dd", 12)])),
    setting("GIS Integration", Choice::Word(&[("Enabled", 72), ("Disabled", 28)])),
    seldom("Web Server URL", Choice::Own(Own::Url)),
    seldom("Report Host", Choice::Own(Own::Host)),
    seldom("Document Root", Choice::Own(Own::Share)),
    setting("Maximum Upload Size", Choice::Number(&[(5, 20), (10, 40), (50, 30), (100, 10)])),
    setting("Audit Retention", Choice::Number(&[(90, 20), (365, 60), (1825, 20)])),
    setting("Auto Refresh Interval", Choice::Number(&[(0, 25), (60, 45), (300, 30)])),
    setting("Default Page Size", Choice::Number(&[(25, 60), (50, 30), (100, 10)])),
    setting("Mobile Sync Interval", Choice::Number(&[(5, 20), (15, 55), (60, 25)])),
    setting("Citizen Portal Enabled", Choice::Flag(0.4)),
    setting("Allow Guest Access", Choice::Flag(0.15)),
    setting("Allow Multiple Sessions", Choice::Flag(0.55)),
    setting("Work Week", Choice::Word(&[("Mon-Fri", 82), ("Mon-Sat", 11), ("Mon-Sun", 7)])),
    setting("Theme", Choice::Word(&[("Harbor", 60), ("Slate", 25), ("Meadow", 15)])),
    seldom("Support Contact", Choice::Own(Own::Address)),
];

/// Features of a portal, where a policy bounds them by pattern alone.
pub(crate) const FEATURES: [&str; 12] = [
    "search",
    "new-request",
    "my-work",
    "dashboard",
    "approvals",
    "knowledge-base",
    "reports",
    "asset-view",
    "announcements",
    "bulk-edit",
    "export",
    "service-catalog",
];

/// Roles of a portal.
pub(crate) const ROLES: [&str; 4] = ["end-user", "analyst", "asset-manager", "administrator"];
