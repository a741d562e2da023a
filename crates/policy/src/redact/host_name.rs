//! Hosts' names: dotted ones anywhere in a text, bare ones where the text is nothing else or the key promises one.
//!
//! A dotted name is any run of labels whose last one starts with a letter. Versions (`1.2.3-rc.1`) and date patterns
//! (`dd.MM.yyyy`) have that form too and are told apart by their labels; file names and class names are not, and are in
//! use.

use super::hints::HOST;
use super::scan::{Sight, is_word, mark, runs};

/// Whether the value holds a host's name.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.hints.promise(HOST) && sight.could_be_a_name() {
        return true;
    }
    if !sight.has(mark::LETTER) {
        return false;
    }
    (sight.has(mark::DOT) && runs(sight.value, in_dotted_name).any(dotted))
        || (sight.has(mark::COLON)
            && runs(sight.value, in_address).any(|run| with_port(run, run == sight.value)))
        || (sight.has(mark::BACKSLASH) && instance(sight.value))
        || machine(sight.value)
        || runs(sight.value, in_dotted_name).any(|run| run.eq_ignore_ascii_case("localhost"))
}

/// Whether a setting's own name holds a host's name that nothing else looks like: at least three labels and an ending
/// that only networks use.
pub(super) fn public_name(key: &str) -> bool {
    const ENDINGS: [&str; 16] = [
        "com", "net", "org", "gov", "edu", "mil", "us", "uk", "ca", "de", "io", "local", "lan", "internal",
        "intranet", "corp",
    ];
    runs(key, in_dotted_name).any(|run| {
        let run = run.trim_matches('.');
        let ending = run.rsplit('.').next().unwrap_or_default();
        run.split('.').count() >= 3
            && ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
            && dotted(run)
    })
}

fn in_dotted_name(byte: u8) -> bool {
    is_word(byte) || b"-_.".contains(&byte)
}

fn in_address(byte: u8) -> bool {
    in_dotted_name(byte) || byte == b':'
}

fn dotted(run: &str) -> bool {
    run.split("..").any(|part| {
        let part = part.trim_matches(['.', '-', '_']);
        let Some((_, last)) = part.rsplit_once('.') else { return false };
        let named = last.len() >= 2
            && last.bytes().next().is_some_and(|first| is_word(first) && !first.is_ascii_digit())
            && last.bytes().all(|byte| is_word(byte) || byte == b'-');
        named && !is_version(part) && !is_date_pattern(part)
    })
}

/// `1.2.3`, `v2.0.1-beta.2`, `2015.r2`: every label starts with a digit or is a word of versions.
fn is_version(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "v", "x", "r", "rc", "sp", "a", "b", "beta", "alpha", "final", "release", "ga", "build", "snapshot",
        "preview", "patch",
    ];
    let starts_with_number =
        name.trim_start_matches(['v', 'V']).starts_with(|first: char| first.is_ascii_digit());
    let is_part = |label: &str| {
        let word = label.trim_end_matches(|last: char| last.is_ascii_digit());
        label.starts_with(|first: char| first.is_ascii_digit())
            || WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    starts_with_number && name.split('.').all(is_part)
}

fn is_date_pattern(name: &str) -> bool {
    const PARTS: [&str; 17] = [
        "d", "dd", "ddd", "dddd", "m", "mm", "mmm", "mmmm", "yy", "yyyy", "h", "hh", "s", "ss", "tt", "fff",
        "zzz",
    ];
    name.split('.').all(|label| PARTS.iter().any(|part| part.eq_ignore_ascii_case(label)))
}

/// `appsrv:443`, `localhost:8080`: a machine's name and a port, or any name and a port of four digits or more; a name in
/// a registry, such as `EPSG:4326`, is none.
fn with_port(run: &str, is_all: bool) -> bool {
    const REGISTRIES: [&str; 6] = ["epsg", "esri", "srid", "wkid", "iso", "rfc"];
    let Some((name, port)) = run.trim_end_matches(':').rsplit_once(':') else { return false };
    let is_port = (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = name.len() >= 2
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !name.contains(':')
        && !REGISTRIES.iter().any(|registry| registry.eq_ignore_ascii_case(name));
    let is_host = machine(name) || name.eq_ignore_ascii_case("localhost") || (is_all && port.len() >= 4);
    is_port && is_name && is_host
}

/// `HOST\INSTANCE` or `DOMAIN\user`, where the text is nothing else.
fn instance(value: &str) -> bool {
    let is_name = |name: &str| {
        name.len() >= 2
            && name.bytes().all(|byte| in_dotted_name(byte) || byte == b'$')
            && !is_date_pattern(name)
    };
    value.split_once('\\').is_some_and(|(host, instance)| is_name(host) && is_name(instance))
}

/// A machine's bare name: `SQLPROD01`, `happy-gis2`, `DESKTOP-4F7Q2LM`. It is made of a word for machines and a number of
/// up to three digits, or of two such words.
fn machine(value: &str) -> bool {
    if !(3..=63).contains(&value.len())
        || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return false;
    }
    const PREFIXES: [&str; 5] = ["desktop-", "laptop-", "win-", "ip-", "vm-"];
    if PREFIXES.iter().any(|prefix| super::scan::starts_with(value, prefix) && value.len() > prefix.len() + 3)
    {
        return true;
    }
    let stem = value.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = value.len() - stem.len();
    if value.eq_ignore_ascii_case("db2") || digits > 3 {
        return false;
    }
    let words = stem.split(['-', '_']).map(machine_words).sum::<usize>();
    words >= 2 || (words == 1 && digits >= 1)
}

/// How many words for machines a part of a name is made of, at its start and at its end.
fn machine_words(part: &str) -> usize {
    const WORDS: [&str; 24] = [
        "server", "serv", "srv", "svr", "sql", "db", "web", "app", "gis", "dc", "host", "mail", "smtp",
        "exch", "iis", "fs", "nas", "vm", "prod", "uat", "stg", "dev", "pc", "node",
    ];
    let part = part.trim_end_matches(|last: char| last.is_ascii_digit()).as_bytes();
    if part.len() < 2 {
        return 0;
    }
    let starts =
        |word: &str| part.len() >= word.len() && part[..word.len()].eq_ignore_ascii_case(word.as_bytes());
    let ends = |word: &str| {
        part.len() > word.len() && part[part.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    };
    usize::from(WORDS.iter().any(|word| starts(word))) + usize::from(WORDS.iter().any(|word| ends(word)))
}
