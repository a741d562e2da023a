//! All of a manifest but its metrics: who collects, where reports go, purposes, categories, sources.

use jiff::civil::Date;

use super::faults::Found;
use super::section::Section;
use crate::limits::VERSION_LENGTH;
use crate::{
    Category, CategoryId, CollectorAddress, ConsentMode, PolicyId, PublicKey, Purpose, PurposeId, Releases,
    Source, SourceId, SourceKind,
};

/// Something read, and where it stands.
pub(super) struct Located<T> {
    pub at: usize,
    pub item: T,
}

/// The table `[policy]`, field by field: one that is missing must not hide the faults of the others.
#[derive(Default)]
pub(super) struct Header {
    pub id: Option<PolicyId>,
    pub version: Option<String>,
    pub title: Option<String>,
    pub publisher: Option<String>,
    pub summary: Option<String>,
    pub contact: Option<String>,
    pub effective: Option<Date>,
    pub consent_mode: Option<ConsentMode>,
    pub readers: Vec<String>,
    pub opt_out: Vec<String>,
    pub releases: Releases,
}

/// What a metric can refer to.
pub(super) struct Declared<'a> {
    pub releases: Releases,
    pub purposes: &'a [Located<Purpose>],
    pub categories: &'a [Located<Category>],
    pub sources: &'a [Located<Source>],
}

/// Reads `[policy]`.
pub(super) fn policy(top: &Section<'_>, found: &mut Found) -> Header {
    let Some(section) = top.table("policy", found) else { return Header::default() };
    Header {
        id: section.text("id").and_then(PolicyId::parse),
        version: version(&section, found),
        title: section.owned("title"),
        publisher: section.owned("publisher"),
        summary: section.owned("summary"),
        contact: section.owned("contact"),
        effective: section.date("effective"),
        consent_mode: section.word("consent"),
        readers: section.plain_texts("readers"),
        opt_out: section.plain_texts("opt_out"),
        releases: releases(&section, found),
    }
}

/// The policy's own version, which stands in addresses and file names.
fn version(section: &Section<'_>, found: &mut Found) -> Option<String> {
    let text = section.text("version")?;
    let fits = text.len() <= 32
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !fits {
        found.add(
            section.place("version"),
            format!("`{text}` cannot be a policy's version: it is a part of addresses"),
            "use letters, digits, `.`, `_` and `-`, 32 at the most, such as `2.0`",
        );
    }
    fits.then(|| text.to_owned())
}

fn releases(section: &Section<'_>, found: &mut Found) -> Releases {
    for release in section.texts("releases").iter().filter(|release| release.text.len() > VERSION_LENGTH) {
        found.add(
            release.at,
            format!("the release `{}` is longer than {VERSION_LENGTH} bytes", release.text),
            "shorten it",
        );
    }
    Releases::new(section.plain_texts("releases"))
}

/// Reads `[collector]`.
pub(super) fn collector(top: &Section<'_>, found: &mut Found) -> Option<CollectorAddress> {
    let section = top.table("collector", found)?;
    let url = section.text("url").and_then(|text| match check_url(text) {
        Ok(()) => Some(text.trim_end_matches('/').to_owned()),
        Err(hint) => {
            found.add(section.place("url"), format!("`{text}` cannot be a collector's address"), hint);
            None
        }
    });
    let key = key(&section, "public_key", "candor-collector key", found);
    let voucher_key = key_of_vouchers(&section, key.as_ref(), found);
    Some(CollectorAddress { url: url?, public_key: key?, voucher_key })
}

fn key(section: &Section<'_>, name: &str, command: &str, found: &mut Found) -> Option<PublicKey> {
    let text = section.text(name)?;
    let key = PublicKey::parse(text).filter(is_usable);
    if key.is_none() {
        found.add(
            section.place(name),
            format!("`{name}` is not an Ed25519 key"),
            format!("paste what `{command}` prints: `ed25519:` and 32 bytes in base64"),
        );
    }
    key
}

/// A key of its own: the collector's lies on a server, that of vouchers offline.
fn key_of_vouchers(
    section: &Section<'_>,
    collector: Option<&PublicKey>,
    found: &mut Found,
) -> Option<PublicKey> {
    let own = key(section, "voucher_key", "candor-collector voucher key", found)?;
    if Some(&own) == collector {
        found.add(
            section.place("voucher_key"),
            "`voucher_key` is the collector's own key",
            "make one that never lies on the server: `candor-collector voucher key`",
        );
    }
    Some(own)
}

/// A point of the curve, and none of the few that make a signature meaningless.
fn is_usable(key: &PublicKey) -> bool {
    ed25519_dalek::VerifyingKey::from_bytes(key.as_bytes()).is_ok_and(|key| !key.is_weak())
}

/// `https://host[:port][/path]`, or the same with `http` where the host is this machine; the error is a hint.
fn check_url(text: &str) -> Result<(), &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("write it whole: `https://collector.example`")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if !text.is_ascii() || text.contains(char::is_whitespace) || path.contains(['?', '#']) {
        return Err("leave out spaces, `?` and `#`, and write other letters than a to z as `xn--` or `%`");
    }
    if authority.contains('@') {
        return Err("leave the user's name and password out: everybody reads this file");
    }
    let (host, port) = split_port(authority);
    if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("write it whole: `https://collector.example` or `https://collector.example:8443`");
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("use https; http is for this machine alone: `http://127.0.0.1:8787`"),
        _ => Err("use https"),
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reads `[purposes.*]`.
pub(super) fn purposes(top: &Section<'_>, found: &mut Found) -> Vec<Located<Purpose>> {
    let read = |(id, section): (String, Section<'_>)| {
        let item = Purpose {
            id: PurposeId::parse(&id)?,
            title: section.owned("title").unwrap_or_default(),
            description: section.owned("description").unwrap_or_default(),
        };
        Some(Located { at: section.at, item })
    };
    top.tables("purposes", found).into_iter().filter_map(read).collect()
}

/// Reads `[categories.*]`.
pub(super) fn categories(top: &Section<'_>, found: &mut Found) -> Vec<Located<Category>> {
    let read = |(id, section): (String, Section<'_>)| {
        let item = Category {
            id: CategoryId::parse(&id)?,
            title: section.owned("title").unwrap_or_default(),
            description: section.owned("description").unwrap_or_default(),
        };
        Some(Located { at: section.at, item })
    };
    top.tables("categories", found).into_iter().filter_map(read).collect()
}

/// Reads `[sources.*]`.
pub(super) fn sources(top: &Section<'_>, found: &mut Found) -> Vec<Located<Source>> {
    let read = |(id, section): (String, Section<'_>)| {
        let item = Source {
            id: SourceId::parse(&id)?,
            kind: section.word("kind").unwrap_or(SourceKind::App),
            title: section.owned("title").unwrap_or_default(),
            applications: section.plain_texts("applications"),
            schedule: section.owned("schedule").unwrap_or_default(),
        };
        Some(Located { at: section.at, item })
    };
    top.tables("sources", found).into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_reached_by_https_or_on_this_machine() {
        for good in [
            "https://collector.example",
            "https://collector.example:8443/candor/",
            "http://127.0.0.1:8787",
            "http://[::1]:8787",
            "http://localhost",
        ] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        for bad in [
            "collector.example",
            "http://collector.example",
            "ftp://collector.example",
            "https://",
            "https://user:word@collector.example",
            "https://collector.example:99999",
            "https://collector.example/?x=1",
            "http://127.0.0.1.example",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
