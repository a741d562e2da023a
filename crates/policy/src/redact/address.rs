//! Addresses of networks: IPv4, IPv6 and those of network cards, anywhere in a text.
//!
//! Four small numbers may be a version; they are an address unless the key speaks of one.

use std::net::Ipv6Addr;

use super::hints::{HOST, VERSION};
use super::scan::{Sight, is_word, mark, runs};

/// Whether the value holds an address.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    let is_version = sight.hints.say(VERSION) && !sight.hints.promise(HOST);
    (sight.has(mark::DOT)
        && sight.has(mark::DIGIT)
        && !is_version
        && runs(sight.value, in_dotted).any(is_ipv4))
        || (sight.has(mark::COLON) && runs(sight.value, in_ipv6).any(is_ipv6))
        || (sight.has(mark::COLON | mark::DASH) && runs(sight.value, in_card).any(is_card))
}

fn in_dotted(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

fn in_ipv6(byte: u8) -> bool {
    is_word(byte) || b":.%".contains(&byte)
}

fn in_card(byte: u8) -> bool {
    is_word(byte) || b":-".contains(&byte)
}

fn is_ipv4(run: &str) -> bool {
    let mut parts = run.trim_matches('.').split('.');
    let is_part = |part: &str| {
        part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u8>().is_ok()
    };
    parts.by_ref().take(4).filter(|part| is_part(part)).count() == 4 && parts.next().is_none()
}

fn is_ipv6(run: &str) -> bool {
    // A longer run belongs to a value that is too long to leave; without the bound, colons alone would cost their square.
    if run.len() > crate::limits::SETTING_LENGTH {
        return false;
    }
    let run = run.split('%').next().unwrap_or_default().trim_end_matches('.');
    let mut rest = run;
    loop {
        if rest.bytes().filter(|byte| *byte == b':').count() < 2 {
            return false;
        }
        let trimmed = if rest.ends_with("::") { rest } else { rest.trim_end_matches(':') };
        if trimmed.bytes().any(|byte| byte.is_ascii_hexdigit()) && trimmed.parse::<Ipv6Addr>().is_ok() {
            return true;
        }
        // A word may stand before the address: `listen:fe80::1`.
        let Some((word, after)) = rest.split_once(':') else { return false };
        if !word.bytes().any(|byte| !byte.is_ascii_hexdigit()) {
            return false;
        }
        rest = after;
    }
}

/// A network card's address: six pairs of hexadecimal digits.
fn is_card(run: &str) -> bool {
    run.len() == 17
        && run.bytes().enumerate().all(|(place, byte)| match place % 3 {
            2 => byte == run.as_bytes()[2],
            _ => byte.is_ascii_hexdigit(),
        })
        && b":-".contains(&run.as_bytes()[2])
}
