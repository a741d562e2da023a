//! Names of accounts and of entries in directories: LDAP names and filters (RFC 4514, RFC 4515), X.400 and X.500 addresses,
//! Windows' security identifiers, and any name where the key speaks of an account.

use super::harmless;
use super::hints::ACCOUNT;
use super::scan::{Sight, mark, runs};

/// Attributes that name an entry. The weak ones are words elsewhere: it takes three, or an organisation and another.
const STRONG: [&str; 12] = [
    "cn",
    "ou",
    "dc",
    "uid",
    "samaccountname",
    "userprincipalname",
    "objectclass",
    "memberof",
    "objectcategory",
    "givenname",
    "distinguishedname",
    "emailaddress",
];
const WEAK: [&str; 8] = ["o", "l", "st", "c", "sn", "e", "street", "serialnumber"];

/// Whether the value names an account or a directory's entry.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    (sight.hints.promise(ACCOUNT) && (sight.could_be_a_name() || is_number(sight.value)))
        || (sight.has(mark::SLASH) && is_in_domain(sight.value))
        || (sight.has(mark::EQUALS) && names_entry(sight.value))
        || (sight.has(mark::DASH) && runs(sight.value, in_sid).any(is_sid))
}

/// `CN=Jane Doe,OU=Staff,DC=corp,DC=local`, `/o=Org/ou=Site/cn=x`, `(&(objectClass=user)(sAMAccountName=jane))`: one strong
/// attribute with a value.
fn names_entry(text: &str) -> bool {
    let attributes = || text.match_indices('=').filter_map(|(place, _)| attribute(text, place));
    let is = |known: &[&str], name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let weak = attributes().filter(|name| is(&WEAK, name)).count();
    let has_organisation = attributes().any(|name| name.eq_ignore_ascii_case("o"));
    attributes().any(|name| is(&STRONG, name)) || weak >= 3 || (weak >= 2 && has_organisation)
}

/// The name before an equals sign, where it is a word of its own and a value follows.
fn attribute(text: &str, place: usize) -> Option<&str> {
    let before = text[..place].trim_end();
    let start = before
        .rfind(|letter: char| !letter.is_ascii_alphabetic())
        .map_or(0, |border| border + before[border..].chars().next().map_or(1, char::len_utf8));
    let bordered = start == 0 || b",;/+(&|!\"'< \\:".contains(&before.as_bytes()[start - 1]);
    let after = text[place + 1..].trim_start();
    let filled = after.chars().next().is_some_and(|first| !",;=)".contains(first));
    (bordered && filled).then(|| &before[start..])
}

/// `CORP/jane`: a domain in capitals, an account in small letters, and neither is a word of options.
fn is_in_domain(text: &str) -> bool {
    text.len() <= 64
        && text.split_once('/').is_some_and(|(domain, account)| {
            domain.len() >= 3
                && account.len() >= 3
                && domain.bytes().all(|byte| byte.is_ascii_uppercase())
                && account.bytes().all(|byte| byte.is_ascii_lowercase() || b"._-".contains(&byte))
                && !harmless::is_known(domain)
                && !harmless::is_known(account)
        })
}

/// An account's number.
fn is_number(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn in_sid(byte: u8) -> bool {
    byte.is_ascii_digit() || b"Ss-".contains(&byte)
}

/// `S-1-5-21-…`: a revision, an authority, and one to fifteen numbers.
fn is_sid(run: &str) -> bool {
    let Some(rest) = run.strip_prefix("S-1-").or_else(|| run.strip_prefix("s-1-")) else { return false };
    rest.split('-').count() >= 2
        && rest.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
