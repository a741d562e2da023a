//! Bare names of machines and databases: made of words for machines and numbers, or of such a word and a name.

use crate::redact::fold::to_ascii;
use crate::redact::harmless;
use crate::redact::scan::starts_with;
use crate::redact::word_list::holds;

/// A machine's bare name: `SQLPROD01`, `happy-gis2`, `DESKTOP-4F7Q2LM`. It is made of a word for machines and a number of
/// up to three digits, or of two such words.
pub(super) fn machine(value: &str) -> bool {
    if !(3..=63).contains(&value.len())
        || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return false;
    }
    const PREFIXES: [&str; 5] = ["desktop-", "laptop-", "win-", "ip-", "vm-"];
    if PREFIXES.iter().any(|prefix| starts_with(value, prefix) && value.len() > prefix.len() + 3) {
        return true;
    }
    if is_inventoried(value) {
        return true;
    }
    let stem = value.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = value.len() - stem.len();
    if value.eq_ignore_ascii_case("db2") || digits > 3 || is_option(stem, digits) {
        return false;
    }
    let words = stem.split(['-', '_']).map(machine_words).sum::<usize>();
    words >= 2 || (words == 1 && digits >= 1)
}

/// `LT-7KX21`: a kind of machine, and five signs or more of an inventory, digits and capitals mixed.
fn is_inventoried(value: &str) -> bool {
    value.split_once('-').is_some_and(|(kind, number)| {
        ["LT", "NB", "WS", "PC", "TAB"].contains(&kind)
            && number.len() >= 5
            && number.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && number.bytes().any(|byte| byte.is_ascii_uppercase())
            && number.bytes().any(|byte| byte.is_ascii_digit())
    })
}

/// Words that options are set to and that are not themselves words for machines, such as `Application2`, and kinds of servers.
fn is_option(stem: &str, digits: usize) -> bool {
    let lower = stem.to_ascii_lowercase();
    (digits == 0 && is_kind_of_server(stem))
        || (!MACHINES.contains(&lower.as_str()) && holds(harmless::WORDS, &lower))
}

/// Words that say what kind of server is meant, and name none.
fn is_kind_of_server(value: &str) -> bool {
    const KINDS: [&str; 9] = [
        "sqlserver",
        "webserver",
        "appserver",
        "webapp",
        "webmail",
        "webhost",
        "mailserver",
        "smtpserver",
        "smtphost",
    ];
    let letters: String =
        value.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    KINDS.contains(&letters.as_str())
}

/// A server's or a database's bare name: `serveur-fichiers`, `srv_lucity`, `lucitydb`, `сервер-файлов`.
pub(super) fn server(value: &str) -> bool {
    const ALWAYS: [&str; 13] = [
        "srv",
        "svr",
        "serv",
        "serveur",
        "serveurs",
        "servidor",
        "servidores",
        "serwer",
        "esx",
        "esxi",
        "pdc",
        "rds",
        "bdd",
    ];
    const BESIDE_A_NAME: [&str; 8] = ["server", "db", "bd", "sql", "nas", "vm", "dc", "host"];
    if value.len() < 5 || value.len() > 63 || value.contains([' ', '.', '/', ',']) {
        return false;
    }
    let folded = to_ascii(value).to_ascii_lowercase();
    if !folded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return false;
    }
    let parts = || folded.split(['-', '_']).filter(|part| !part.is_empty());
    let stem = |part: &str| part.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
    let is = |words: &[&str], part: &str| words.contains(&&part[..stem(part)]);
    let named =
        |part: &str| part.len() >= 3 && (!value.is_ascii() || !holds(harmless::WORDS, &part[..stem(part)]));
    (parts().count() >= 2 && parts().any(|part| is(&ALWAYS, part)))
        || (parts().any(|part| is(&BESIDE_A_NAME, part))
            && parts().any(|part| !is(&BESIDE_A_NAME, part) && named(part)))
        || is_database(&folded)
        || is_abbreviated(&folded)
        || (!value.is_ascii() && (folded.starts_with("server") || folded.ends_with("server")))
}

/// `PRINTSRV`: no word ends so.
fn is_abbreviated(folded: &str) -> bool {
    let stem = folded.trim_end_matches(|sign: char| sign.is_ascii_digit());
    stem.len() >= 6 && (stem.ends_with("srv") || stem.ends_with("svr"))
}

/// `lucitydb`, `townsql`: a name, and letters that say what it is; not a product's.
fn is_database(folded: &str) -> bool {
    const PRODUCTS: [&str; 36] = [
        "postgre",
        "ansi",
        "mssql",
        "embedded",
        "spark",
        "presto",
        "mongo",
        "maria",
        "couch",
        "influx",
        "dynamo",
        "level",
        "rocks",
        "acc",
        "duck",
        "cosmos",
        "local",
        "arango",
        "cockroach",
        "scylla",
        "quest",
        "timescale",
        "raven",
        "ole",
        "ado",
        "indexed",
        "berkeley",
        "hsql",
        "document",
        "volt",
        "cm",
        "xml",
        "user",
        "oracle",
        "sql",
        "odbc",
    ];
    let stem = folded.trim_end_matches(|sign: char| sign.is_ascii_digit());
    ["db", "sql", "prod"].iter().find_map(|ending| stem.strip_suffix(ending)).is_some_and(|name| {
        name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_lowercase()) && !PRODUCTS.contains(&name)
    })
}

/// How many words for machines a part of a name is made of, at its start and at its end.
fn machine_words(part: &str) -> usize {
    let part = part.trim_end_matches(|last: char| last.is_ascii_digit()).as_bytes();
    if part.len() < 2 {
        return 0;
    }
    let starts =
        |word: &str| part.len() >= word.len() && part[..word.len()].eq_ignore_ascii_case(word.as_bytes());
    let ends = |word: &str| {
        part.len() > word.len() && part[part.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    };
    usize::from(MACHINES.iter().any(|word| starts(word)))
        + usize::from(MACHINES.iter().any(|word| ends(word)))
}

/// Words for machines, in the parts of their names.
const MACHINES: [&str; 31] = [
    "server", "serv", "srv", "svr", "sql", "db", "web", "app", "gis", "dc", "host", "mail", "smtp", "exch",
    "iis", "fs", "nas", "vm", "prod", "uat", "stg", "dev", "pc", "node", "backup", "proxy", "citrix", "esx",
    "gw", "serveur", "servidor",
];
