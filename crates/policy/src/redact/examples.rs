//! The detectors by examples, both ways, and by generated values in generated surroundings.

use proptest::prelude::*;

use super::*;
use crate::Detector::{
    Account, BankAccount, ConnectionString, EmailAddress, HostName, IpAddress, Path, PhoneNumber, Secret, Url,
};

/// Values that reveal nothing, under keys as products use them.
const ORDINARY: &[(&str, &str)] = &[
    ("Allow Edit", "True"),
    ("Page Size", "12"),
    ("Date Format", "dd/mm/yyyy"),
    ("Date Format", "dd.MM.yyyy"),
    ("Date Format", "yyyy-MM-dd'T'HH:mm:ss"),
    ("Date Format", "dd\\MM\\yyyy"),
    ("Time", "12:30"),
    ("Time", "07:15:00 AM"),
    ("Last Run", "2015-11-21T22:10:05Z"),
    ("Version", "2015r2 SP1"),
    ("Version", "1.2.3"),
    ("Version", "1.2.3-rc.1"),
    ("Version", "v2.0.beta"),
    ("Version", "2015.r2"),
    ("Version", "10.0.0.1"),
    ("Schema Version", "4.0.30319.2"),
    ("Anything", "10.0.19041.1288"),
    ("Anything", "7.60"),
    ("Anything", "3.14159"),
    ("Anything", "1,234.50"),
    ("Anything", "#,##0.00"),
    ("Anything", "-0.5"),
    ("Anything", "50%"),
    ("Units", "Inches"),
    ("Units", "ft/s"),
    ("Units", "gal/min"),
    ("Locale", "en-US"),
    ("Encoding", "UTF-8"),
    ("Encoding", "ISO-8859-1"),
    ("Projection", "EPSG:4326"),
    ("Paper", "A4"),
    ("Content", "text/html"),
    ("Zone", "Europe/London"),
    ("Zone", "America/New_York"),
    ("Choice", "and/or"),
    ("Choice", "N/A"),
    ("Choice", "a=b;c=d"),
    ("Choice", "A;B;C"),
    ("Choice", "Yes, always"),
    ("Colour", "#FF8800"),
    ("Colour", "rgb(10, 20, 30)"),
    ("Name", "St. Louis"),
    ("Name", "e.g. this one"),
    ("Name", "U.S."),
    ("Name", "Wait... done"),
    ("Name", "Work Order 17"),
    ("Prefix", "WO-2015"),
    ("Prefix", "WORK-ORDER-2015"),
    ("Years", "2015-2016"),
    ("Item", "CamelCaseOptionName2015"),
    ("Item", "WorkOrderStatusCodeDescription"),
    ("Item", "INSPECTION_OBSERVATION_DEFAULT_STATUS_2"),
    ("Item", "ThisIsAVeryLongOptionValueOfManyWordsIndeed"),
    ("Item", "C"),
    ("Item", "/"),
    ("Item", "\\"),
    ("Item", "@"),
    ("Item", "::"),
    ("Item", "Level3"),
    ("Item", "Profile1"),
    ("Item", "Windows10"),
    ("Item", "Web"),
    ("Item", "Server"),
    ("Item", "DB2"),
    ("Item", "SQL2016"),
    ("Hourly Rate", "Standard"),
    ("Pipe Material", "Vitrified Clay"),
    ("Use SMTP Server", "True"),
    ("SMTP Server", "None"),
    ("SMTP Server Port", "25"),
    ("SMTP Server Timeout", "30"),
    ("Server Edition", "Standard Edition"),
    ("Server Type", "Exchange"),
    ("Server Time Zone", "UTC"),
    ("Use Proxy", "No"),
    ("Path Separator", "Semicolon"),
    ("Email Format", "HTML"),
    ("Send Email", "On"),
    ("Email Subject", "Work order assigned"),
    ("Minimum Password Length", "8"),
    ("Password Expiry Enabled", "True"),
    ("Show User Name", "Yes"),
    ("Key Field", "WorkOrderNumber"),
    ("Foreign Key Check", "Strict"),
    ("Dateiname", "True"),
    ("Longueur du mot de passe", "12"),
    ("License", "Enterprise"),
    ("Collation", "SQL_Latin1_General_CP1_CI_AS"),
    ("Locale", "de_CH.UTF-8"),
    ("Template", "WorkOrder.rpt"),
    ("Provider", "System.Data.SqlClient"),
    ("Mask", "(###) ###-####"),
];

/// Values that reveal something, and the detector that has to see it.
const REVEALING: &[(Detector, &str, &str)] = &[
    (HostName, "Note", "gis01.happyville.local"),
    (HostName, "Note", "de-db.local"),
    (HostName, "Note", "eo-aa.ao"),
    (HostName, "Note", "(UTC) gis01.happyville.local"),
    (HostName, "Note", "served by gis01.happyville.local."),
    (HostName, "Note", "*.happyville.example"),
    (HostName, "Note", "müller.example"),
    (HostName, "Note", "xn--mller-kva.example"),
    (HostName, "Note", "localhost"),
    (HostName, "Note", "localhost:8080"),
    (HostName, "Note", "APPSRV:443"),
    (HostName, "Note", "SQLPROD01"),
    (HostName, "Note", "happy-gis2"),
    (HostName, "Note", "DESKTOP-4F7Q2LM"),
    (HostName, "Note", "SQLPROD01\\LUCITY"),
    (HostName, "Note", "3.pool.ntp.example"),
    (HostName, "SMTP Server", "smtp"),
    (HostName, "SmtpServer", "mail relay"),
    (HostName, "SMTP_SERVER", "exchange"),
    (HostName, "Report Host", "alpha"),
    (HostName, "Report Server Name", "bravo"),
    (HostName, "Domain", "HAPPYVILLE"),
    (Url, "Note", "http://intranet/lucity"),
    (Url, "Note", "see https://gis.happyville.example:8443/x?y=z for more"),
    (Url, "Note", "HTTPS://X"),
    (Url, "Note", "net.tcp://host/service"),
    (Url, "Note", "www.happyville.example"),
    (Url, "Note", "mailto:a@b.example"),
    (Url, "Note", "http:\\\\intranet"),
    (Url, "Web Server URL", "intranet/lucity"),
    (Url, "REPORTURL", "reports"),
    (Url, "Service Endpoint", "/api"),
    (IpAddress, "Note", "10.20.30.40"),
    (IpAddress, "Note", "from 10.20.30.40, port 25"),
    (IpAddress, "Note", "10.20.30.40:1433"),
    (IpAddress, "Note", "10.0.0.0/8"),
    (IpAddress, "Note", "10.0.0.1-10.0.0.9"),
    (IpAddress, "Note", "ends with 192.168.0.1."),
    (IpAddress, "Note", "fe80::1"),
    (IpAddress, "Note", "::1"),
    (IpAddress, "Note", "fe80::1%eth0"),
    (IpAddress, "Note", "[2001:db8::7]:443"),
    (IpAddress, "Note", "listen:2001:db8:0:0:0:0:0:7"),
    (IpAddress, "Note", "::ffff:10.0.0.1"),
    (IpAddress, "Note", "00:1A:2B:3C:4D:5E"),
    (IpAddress, "Note", "00-1a-2b-3c-4d-5e"),
    (IpAddress, "Server Version Address", "10.0.0.1 "),
    (EmailAddress, "Note", "jane.doe@happyville.example"),
    (EmailAddress, "Note", "Jane <jane@happyville>"),
    (EmailAddress, "Note", "\"jane doe\"@happyville.example"),
    (EmailAddress, "Mail From", "jdoe"),
    (Path, "Note", "\\\\files01\\lucity\\documents"),
    (Path, "Note", "saved on \\\\files01"),
    (Path, "Note", "//files01/lucity"),
    (Path, "Note", "C:\\Lucity\\Data"),
    (Path, "Note", "d:/lucity"),
    (Path, "Note", "E:"),
    (Path, "Note", "/opt/lucity/data"),
    (Path, "Note", "dir=/var/lib"),
    (Path, "Note", "~/lucity"),
    (Path, "Note", "%APPDATA%\\Lucity"),
    (Path, "Note", "$HOME/lucity"),
    (Path, "Note", "Reports\\Custom"),
    (Path, "Document Root", "documents"),
    (Path, "Report Path", "custom"),
    (Path, "EXPORTDIR", "out"),
    (ConnectionString, "Note", "Server=SQL;Database=LUCITY;"),
    (ConnectionString, "Note", "Data Source=x"),
    (ConnectionString, "Note", "provider = sqloledb; initial catalog = lucity"),
    (ConnectionString, "Note", "host=a dbname=b"),
    (ConnectionString, "Note", "postgres://lucity:pw@db/lucity"),
    (ConnectionString, "Note", "jdbc:oracle:thin:@db:1521:x"),
    (ConnectionString, "Note", "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST = db)))"),
    (ConnectionString, "Note", "DefaultEndpointsProtocol=https;AccountKey=abc"),
    (ConnectionString, "Reporting Connection", "lucity"),
    (Secret, "License Code", "4711"),
    (Secret, "licence_key", "A"),
    (Secret, "SMTP Encrypted Password", "x"),
    (Secret, "DbPwd", "True"),
    (Secret, "Password Policy", "hunter2"),
    (Secret, "API Token", "t"),
    (Account, "SMTP User Name", "svc-lucity"),
    (Account, "Note", "CN=Jane Doe,OU=Staff,DC=happyville,DC=local"),
    (Account, "Note", "S-1-5-21-3623811015-3361044348-30300820-1013"),
    (PhoneNumber, "Note", "+49 30 901820"),
    (PhoneNumber, "Fax", "901820"),
    (BankAccount, "Note", "DE89 3704 0044 0532 0130 00"),
    (BankAccount, "Note", "4111 1111 1111 1111"),
    (BankAccount, "Kontonummer", "901820"),
    (HostName, "Data Source", "lucitydb"),
    (HostName, "Note", "serveur-fichiers"),
    (HostName, "Сервер", "альфа"),
    (IpAddress, "Note", "001a.2b3c.4d5e"),
    (Url, "Note", "http%253A%252F%252Fintranet%252Flucity"),
    (Secret, "Kennwort", "geheim"),
    (Secret, "Mot de passe", "soleil"),
    (Secret, "SmtpPass", "True"),
    (Secret, "Activation Code", "HAPPY"),
    (Secret, "Note", "Sommer2024!"),
    (Secret, "Note", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
    (Secret, "Note", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"),
    (Secret, "Note", "AKIAIOSFODNN7EXAMPLE"),
    (Secret, "Note", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    (Secret, "Note", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    (Secret, "Note", "Bearer abcdefghijklmnop"),
    (Secret, "Note", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    (Secret, "Note", "LCT26-00F4A-XK2P9-7QW3Z"),
    (Secret, "Note", "d41d8cd98f00b204e9800998ecf8427e"),
    (Secret, "Note", "key: bXkgdmVyeSBzZWNyZXQga2V5IDEyMzQ1Ng=="),
];

fn seen_by(key: &str, value: &str) -> Vec<Detector> {
    Detector::ALL.into_iter().filter(|detector| detector.finds(key, value)).collect()
}

#[test]
fn ordinary_values_are_left_alone() {
    let wrong: Vec<_> = ORDINARY
        .iter()
        .map(|(key, value)| (key, value, seen_by(key, value)))
        .filter(|(_, _, seen)| !seen.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn revealing_values_are_seen_by_their_detector() {
    let wrong: Vec<_> =
        REVEALING.iter().filter(|(detector, key, value)| !detector.finds(key, value)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn rules(named: &[(&str, crate::RedactionForm)]) -> Redaction {
    Redaction {
        except: vec![KeyPattern::new("Excepted")],
        named: named.iter().map(|(key, form)| (KeyPattern::new(key), *form)).collect(),
        detectors: Detector::ALL.to_vec(),
        strict: None,
    }
}

#[test]
fn flags_and_numbers_under_a_secret_key_are_in_use() {
    for entry in [Entry::Flag(true), Entry::Integer(4711), Entry::Decimal(0.5)] {
        assert_eq!(apply(&rules(&[]), "SYSTEMSETTINGS.PIN", entry.clone()), form::in_use(), "{entry:?}");
        let plain = apply(&rules(&[]), "Minimum Password Length", entry.clone());
        assert_eq!(plain, Redacting::Kept(entry));
    }
}

#[test]
fn unset_and_empty_stay_what_they_are() {
    for entry in [Entry::Unset, Entry::Text(String::new())] {
        assert_eq!(apply(&rules(&[]), "License Code", entry.clone()), Redacting::Kept(entry.clone()));
        let named = rules(&[("License Code", crate::RedactionForm::InUse)]);
        assert_eq!(apply(&named, "License Code", entry.clone()), Redacting::Kept(entry));
    }
}

#[test]
fn a_key_that_reveals_is_left_out_with_its_value() {
    for key in [
        "\\\\files01\\lucity",
        "https://intranet.example",
        "jane@happyville.example",
        "gis01.happyville.local:port",
    ] {
        assert_eq!(apply(&rules(&[]), key, Entry::Flag(true)), Redacting::Omitted, "{key}");
    }
    for key in [
        "WKOPTIONS.ORG",
        "Report.Format.Default",
        "dbo.WKOPTIONS.ALLOW_EDIT",
        "Allow Edit / Delete",
        "Print\\Margins",
    ] {
        assert_eq!(apply(&rules(&[]), key, Entry::Flag(true)), Redacting::Kept(Entry::Flag(true)), "{key}");
    }
}

#[test]
fn a_hash_that_nobody_asked_for_says_nothing() {
    let hash = Entry::Redacted(Redacted::Hash("ab".repeat(32)));
    assert_eq!(apply(&rules(&[]), "Any", hash), form::in_use());
}

fn surroundings() -> impl Strategy<Value = (String, String)> {
    let before =
        prop::sample::select(vec!["", "see ", "(", "value=", "<", "\"", "a, b;", "x: ", "Adresse für "]);
    let after = prop::sample::select(vec!["", " and more", ")", ";", "\"", ", c", ".", "!", "\n"]);
    (before, after).prop_map(|(before, after)| (before.to_owned(), after.to_owned()))
}

/// Each label has an `o` in second place, which keeps it from looking like a version or a date. Names that end like a file's are left
/// out.
fn host() -> impl Strategy<Value = String> {
    const FILES: [&str; 9] = ["log", "doc", "docx", "dot", "dotx", "conf", "config", "toml", "woff"];
    "([a-z]o[a-z0-9-]{0,8}[a-z0-9]\\.){1,3}[a-z]o[a-z]{0,4}".prop_filter("a file's name", |host| {
        host.rsplit('.').next().is_some_and(|ending| !FILES.contains(&ending))
    })
}

fn any_entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        Just(Entry::Unset),
        any::<bool>().prop_map(Entry::Flag),
        any::<i64>().prop_map(Entry::Integer),
        any::<f64>()
            .prop_filter("a number equals itself", |number| !number.is_nan())
            .prop_map(Entry::Decimal),
        ".{0,40}".prop_map(Entry::Text),
        host().prop_map(Entry::Text),
        Just(Entry::Redacted(Redacted::InUse)),
        "[0-9a-f]{64}".prop_map(|hash| Entry::Redacted(Redacted::Hash(hash))),
        "[0-9]{1,4}(-[0-9]{1,4})?".prop_map(|bucket| Entry::Redacted(Redacted::Bucket(bucket))),
    ]
}

proptest! {
    #[test]
    fn any_host_is_found((before, after) in surroundings(), host in host()) {
        let value = format!("{before}{host}{after}");
        prop_assert!(HostName.finds("Note", &value));
    }

    #[test]
    fn any_url_is_found((before, after) in surroundings(), scheme in "[a-z][a-z0-9+.-]{0,6}[a-z]", host in host(), path in "(/[a-z0-9_-]{0,6}){0,3}") {
        let value = format!("{before}{scheme}://{host}{path}{after}");
        prop_assert!(Url.finds("Note", &value));
    }

    #[test]
    fn any_ipv4_address_is_found((before, after) in surroundings(), address in any::<std::net::Ipv4Addr>()) {
        let value = format!("{before}{address}{after}");
        prop_assert!(IpAddress.finds("Note", &value));
    }

    #[test]
    fn any_ipv6_address_is_found((before, after) in surroundings(), address in any::<std::net::Ipv6Addr>()) {
        let value = format!("{before}{address}{after}");
        prop_assert!(IpAddress.finds("Note", &value));
    }

    #[test]
    fn any_email_address_is_found((before, after) in surroundings(), local in "[a-zA-Z0-9._%+-]{1,12}", host in host()) {
        let value = format!("{before}{local}@{host}{after}");
        prop_assert!(EmailAddress.finds("Note", &value));
    }

    #[test]
    fn any_unc_path_is_found((before, after) in surroundings(), host in host(), share in "[a-zA-Z0-9$_-]{1,10}") {
        let value = format!("{before}\\\\{host}\\{share}{after}");
        prop_assert!(Path.finds("Note", &value));
    }

    #[test]
    fn keys_drawn_at_random_are_found(keys in prop::collection::vec(any::<[u8; 32]>(), 50)) {
        use base64::Engine;
        // Two keys in a thousand happen to look like words; five of fifty do not.
        let missed = keys.iter().filter(|key| {
            !Secret.finds("Note", &base64::engine::general_purpose::STANDARD.encode(key))
        });
        prop_assert!(missed.count() < 5);
    }

    #[test]
    fn no_text_makes_a_detector_panic(key in ".{0,30}", value in ".{0,60}", odd in "[\\\\/:@=.%$~é -]{0,30}") {
        seen_by(&key, &value);
        seen_by(&odd, &format!("{odd}{value}{odd}"));
    }

    #[test]
    fn applying_twice_changes_nothing(key in "[A-Za-z .]{1,20}", entry in any_entry(), form in prop::sample::select(vec![
        crate::RedactionForm::Omit, crate::RedactionForm::InUse, crate::RedactionForm::Hash, crate::RedactionForm::Bucket,
    ]), is_named in any::<bool>()) {
        let rules = if is_named { rules(&[("*", form)]) } else { rules(&[]) };
        if let Redacting::Kept(once) | Redacting::Rewritten(once) = apply(&rules, &key, entry) {
            prop_assert_eq!(apply(&rules, &key, once.clone()), Redacting::Kept(once));
        }
    }
}
