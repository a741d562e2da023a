//! Addresses of networks: IPv4, IPv6 and those of network cards, anywhere in a text.
//!
//! Four small numbers may be a version; they are an address unless the key speaks of one.

use std::net::Ipv6Addr;

use super::hints::{CARD_ADDRESS, HOST, VERSION};
use super::scan::{Sight, is_word, mark, runs};

/// Whether the value holds an address.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    let is_version = sight.hints.say(VERSION) && !sight.hints.promise(HOST);
    (sight.has(mark::DOT)
        && sight.has(mark::DIGIT)
        && !is_version
        && runs(sight.value, in_dotted).any(is_ipv4))
        || (sight.has(mark::COLON) && runs(sight.value, in_ipv6).any(is_ipv6))
        || is_card_seen(sight)
}

fn in_dotted(byte: u8) -> bool {
    is_word(byte) || byte == b'.'
}

fn in_ipv6(byte: u8) -> bool {
    is_word(byte) || b":.%".contains(&byte)
}

fn in_card(byte: u8) -> bool {
    is_word(byte) || b":-.".contains(&byte)
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

/// Whether a network card's address stands there, in one of its usual forms, or in any where the key promises one.
fn is_card_seen(sight: &Sight<'_>) -> bool {
    if !sight.has(mark::DIGIT | mark::LETTER) || sight.value.len() < 11 {
        return false;
    }
    let promised = sight.hints.promise(CARD_ADDRESS);
    runs(sight.value, in_card).any(|run| is_card(run) || is_bare_card(run, promised))
        || [' ', '_'].iter().any(|separator| is_pairs(sight.value, *separator, 2))
}

/// `00:1A:2B:3C:4D:5E`, `00-1a-2b-3c-4d-5e`, `0:1a:2b:3:4d:5e`, `001a.2b3c.4d5e`, EUI-64 of eight pairs.
fn is_card(run: &str) -> bool {
    is_pairs(run, ':', 2)
        || is_pairs(run, '-', 2)
        || is_fours(run)
        || is_halves(run)
        || (is_pairs(run, ':', 1) && has_letter(run))
}

fn has_letter(run: &str) -> bool {
    run.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Six or eight groups of two hexadecimal digits, or of at least `fewest`.
fn is_pairs(run: &str, separator: char, fewest: usize) -> bool {
    matches!(run.split(separator).count(), 6 | 8)
        && run.split(separator).all(|pair| {
            (fewest..=2).contains(&pair.len()) && pair.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

fn is_fours(run: &str) -> bool {
    run.len() == 14
        && run.split(['.', '-']).count() == 3
        && run
            .split(['.', '-'])
            .all(|four| four.len() == 4 && four.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && has_letter(run)
}

/// `001a2b:3c4d5e`: the maker's half and the card's.
fn is_halves(run: &str) -> bool {
    let is_half = |half: &str| half.len() == 6 && half.bytes().all(|byte| byte.is_ascii_hexdigit());
    run.split_once([':', '-']).is_some_and(|(maker, card)| is_half(maker) && is_half(card))
        && has_letter(run)
        && run.bytes().filter(u8::is_ascii_digit).count() >= 2
}

/// Twelve hexadecimal digits: letters and digits both, unless the key promises an address.
fn is_bare_card(run: &str, promised: bool) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    run.len() == 12
        && run.bytes().all(|byte| byte.is_ascii_hexdigit())
        && (promised || (2..12).contains(&digits))
}
