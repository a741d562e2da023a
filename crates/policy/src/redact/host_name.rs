//! Hosts' names: dotted ones anywhere in a text, bare ones where the text is nothing else or the key promises one.
//!
//! A dotted name is any run of labels whose last one starts with a letter: a site's own domains end as they like, so no list of
//! public suffixes decides. Versions (`1.2.3-rc.1`), date patterns (`dd.MM.yyyy`), names of files (`invoice.rpt`) and of
//! classes (`System.Data.SqlClient`) have that form too and are told apart by their labels.

mod dotted;
mod machine;

use super::fold::to_ascii;
use super::harmless;
use super::hints::HOST;
use super::scan::{Sight, is_word, mark, runs};
use dotted::{dotted, is_date_pattern, is_network_ending};
use machine::{machine, server};

/// Whether the value holds a host's name.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if sight.hints.promise(HOST) && sight.could_be_a_name() {
        return true;
    }
    if !sight.has(mark::LETTER) || harmless::is_form(sight.value) {
        return false;
    }
    (sight.has(mark::DOT) && runs(sight.value, in_dotted_name).any(dotted))
        || (sight.has(mark::COLON)
            && runs(sight.value, in_address).any(|run| with_port(run, run == sight.value)))
        || (sight.has(mark::BACKSLASH) && instance(sight.value))
        || machine(&to_ascii(sight.value))
        || server(sight.value)
        || runs(sight.value, in_dotted_name).any(|run| run.eq_ignore_ascii_case("localhost"))
}

/// Whether a setting's own name holds a host's name that nothing else looks like: at least three labels and an ending
/// that only networks use.
pub(super) fn public_name(key: &str) -> bool {
    runs(key, in_dotted_name).any(|run| {
        let run = run.trim_matches('.');
        let ending = run.rsplit('.').next().unwrap_or_default();
        run.split('.').count() >= 3 && is_network_ending(ending) && dotted(run)
    })
}

fn in_dotted_name(byte: u8) -> bool {
    is_word(byte) || b"-_.".contains(&byte)
}

fn in_address(byte: u8) -> bool {
    in_dotted_name(byte) || byte == b':'
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

/// `HOST\INSTANCE`, `DOMAIN\user` or `.\user`, where the text is nothing else.
fn instance(value: &str) -> bool {
    let is_name = |name: &str| {
        name.len() >= 2
            && name.bytes().all(|byte| in_dotted_name(byte) || byte == b'$')
            && !is_date_pattern(name)
    };
    let is_host = |host: &str| host == "." || is_name(host);
    value.split_once('\\').is_some_and(|(host, instance)| is_host(host) && is_name(instance))
}
