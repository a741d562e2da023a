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

/// Tables of modules, where a policy names them by pattern alone.
pub(crate) const MODULE_TABLES: [&str; 14] = [
    "WORKORDER",
    "WKREQUEST",
    "WKPMPM",
    "SWMAINLINE",
    "SWMANHOLE",
    "SWTVINSPECTION",
    "STSEGMENT",
    "STSIGN",
    "WTMAIN",
    "WTHYDRANT",
    "PKPARK",
    "FCFACILITY",
    "FLVEHICLE",
    "USER_INFO",
];

/// Option tables of one row and many columns.
pub(crate) static OPTION_TABLES: [(&str, &[Setting]); 6] = [
    (
        "WKOPTIONS",
        &[
            setting("DEFAULT_PRIORITY", Choice::Word(&[("Normal", 70), ("Low", 12), ("High", 18)])),
            setting("AUTO_NUMBER", Choice::Flag(0.85)),
            setting("REQUIRE_CAUSE", Choice::Flag(0.35)),
            setting("ALLOW_BACKDATING", Choice::Flag(0.55)),
            setting("FISCAL_YEAR_START", Choice::Number(&[(1, 45), (4, 8), (7, 32), (10, 15)])),
            setting("COST_METHOD", Choice::Word(&[("Actual", 60), ("Standard", 40)])),
            setting("CLOSE_AFTER_DAYS", Choice::Number(&[(0, 40), (30, 35), (60, 15), (90, 10)])),
            seldom("REQUEST_NOTIFY", Choice::Own(Own::Address)),
            seldom("ATTACHMENT_FOLDER", Choice::Own(Own::Share)),
        ],
    ),
    (
        "SWOPTIONS",
        &[
            setting("INSPECTION_STANDARD", Choice::Word(&[("PACP", 62), ("WRc", 8), ("In-house", 30)])),
            setting("FLOW_UNIT", Choice::Word(&[("gpm", 55), ("mgd", 35), ("l/s", 10)])),
            setting("AUTO_RATE", Choice::Flag(0.6)),
            seldom("VIDEO_FOLDER", Choice::Own(Own::Share)),
        ],
    ),
    (
        "STOPTIONS",
        &[
            setting("RATING_METHOD", Choice::Word(&[("PCI", 52), ("OCI", 18), ("PASER", 30)])),
            setting("UNIT_SYSTEM", Choice::Word(&[("imperial", 86), ("metric", 14)])),
            setting("SIGN_AUTO_NUMBER", Choice::Flag(0.5)),
        ],
    ),
    (
        "WTOPTIONS",
        &[
            setting("HYDRANT_CYCLE_MONTHS", Choice::Number(&[(6, 30), (12, 60), (24, 10)])),
            setting("PRESSURE_UNIT", Choice::Word(&[("psi", 88), ("kPa", 12)])),
            setting("FLUSHING_PLAN", Choice::Flag(0.4)),
        ],
    ),
    (
        "GISOPTIONS",
        &[
            setting("SYNC_DIRECTION", Choice::Word(&[("both", 55), ("to map", 20), ("from map", 25)])),
            setting("SYNC_INTERVAL_MINUTES", Choice::Number(&[(15, 25), (60, 50), (1440, 25)])),
            seldom("GEOCODER_URL", Choice::Own(Own::Url)),
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

/// Settings of a table of names and values.
pub(crate) static SYSTEM_SETTINGS: [Setting; 26] = [
    setting("License Code", Choice::Own(Own::Secret)),
    seldom("SMTP Server", Choice::Own(Own::Host)),
    setting("SMTP Port", Choice::Number(&[(25, 52), (587, 38), (465, 10)])),
    setting("SMTP Authentication", Choice::Word(&[("None", 40), ("Basic", 45), ("NTLM", 15)])),
    seldom("SMTP Encrypted Password", Choice::Own(Own::Secret)),
    seldom("SMTP From Address", Choice::Own(Own::Address)),
    setting("Session Timeout", Choice::Number(&[(10, 10), (20, 50), (30, 25), (60, 15)])),
    setting("Password Expiry Days", Choice::Number(&[(0, 50), (30, 10), (60, 15), (90, 25)])),
    setting("Password Minimum Length", Choice::Number(&[(6, 25), (8, 50), (12, 20), (14, 5)])),
    setting("Single Sign-On", Choice::Flag(0.3)),
    setting("Default Language", Choice::Word(&[("English", 92), ("French", 5), ("Spanish", 3)])),
    setting("Date Format", Choice::Word(&[("MDY", 80), ("DMY", 8), ("YMD", 12)])),
    setting("Map Provider", Choice::Word(&[("built in", 25), ("map server", 60), ("online", 15)])),
    seldom("GIS Web Service URL", Choice::Own(Own::Url)),
    seldom("Report Server URL", Choice::Own(Own::Url)),
    seldom("Web Root URL", Choice::Own(Own::Url)),
    seldom("Document Folder", Choice::Own(Own::Share)),
    setting("Document Storage", Choice::Word(&[("database", 35), ("folder", 60), ("both", 5)])),
    setting("Attachment Limit MB", Choice::Number(&[(5, 20), (10, 50), (25, 20), (100, 10)])),
    setting("Audit Level", Choice::Word(&[("off", 30), ("changes", 55), ("everything", 15)])),
    setting("Mobile Sync Interval", Choice::Number(&[(5, 20), (15, 55), (60, 25)])),
    setting("Guest Requests", Choice::Flag(0.25)),
    setting("Dashboard Refresh Minutes", Choice::Number(&[(0, 25), (5, 45), (15, 30)])),
    setting("Work Calendar", Choice::Word(&[("5 days", 82), ("7 days", 18)])),
    seldom("Backup Server", Choice::Own(Own::Host)),
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
