//! What a key says about its value: "SMTP Server" holds a host's name, "Report URL" a URL, "License Code" a secret.
//!
//! Keys come in every spelling (`SMTP Server`, `SmtpServer`, `SMTP_SERVER`, `REPORTURL`), so the words below are looked for
//! in one pass over the key's letters, spaces and punctuation between them left aside.

/// What a key says about its value.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints {
    kinds: u16,
    /// The key's last word names a property, such as a port or a time-out, and not the thing itself.
    pub(super) property: bool,
}

/// A host's name.
pub(super) const HOST: u16 = 1;
/// A URL.
pub(super) const URL: u16 = 1 << 1;
/// An e-mail address.
pub(super) const EMAIL: u16 = 1 << 2;
/// A file's path.
pub(super) const PATH: u16 = 1 << 3;
/// A connection string.
pub(super) const CONNECTION: u16 = 1 << 4;
/// An account's name.
pub(super) const ACCOUNT: u16 = 1 << 5;
/// A password, key or token.
pub(super) const SECRET: u16 = 1 << 6;
/// A version: four small numbers are one, and not an address.
pub(super) const VERSION: u16 = 1 << 7;

/// Where a word has to stand within the key's words.
#[derive(Clone, Copy, PartialEq)]
enum At {
    /// Anywhere, also inside of a longer word.
    Anywhere,
    /// At a word's end: `REPORTHOST`, not `GHOSTS`.
    End,
    /// As a word of its own: `IP`, not `PIPE`.
    Whole,
}
use At::{Anywhere, End, Whole};

type Word = (&'static str, u16, At);

/// The words, by their first letter.
fn words(first: u8) -> &'static [Word] {
    match first {
        b'a' => &[
            ("apikey", SECRET, Anywhere),
            ("accesskey", SECRET, Anywhere),
            ("accountkey", SECRET, Anywhere),
            ("accountname", ACCOUNT, Anywhere),
            ("authkey", SECRET, Anywhere),
            ("authorizationheader", SECRET, Anywhere),
        ],
        b'b' => &[("bearer", SECRET, Anywhere), ("build", VERSION, Whole)],
        b'c' => &[
            ("connectionstring", CONNECTION, Anywhere),
            ("connstr", CONNECTION, Anywhere),
            ("connection", CONNECTION, End),
            ("credential", SECRET, Anywhere),
            ("computer", HOST, Whole),
            ("computername", HOST, Anywhere),
            ("catalog", CONNECTION, Whole),
        ],
        b'd' => &[
            ("domain", HOST, End),
            ("domainname", HOST, Anywhere),
            ("datasource", CONNECTION, Anywhere),
            ("databasename", CONNECTION, Anywhere),
            ("dbname", CONNECTION, Anywhere),
            ("dsn", CONNECTION, Whole),
            ("directory", PATH, Anywhere),
            ("dir", PATH, End),
            ("drive", PATH, End),
        ],
        b'e' => {
            &[("email", EMAIL, Anywhere), ("endpoint", URL, Anywhere), ("encryptionkey", SECRET, Anywhere)]
        }
        b'f' => &[
            ("folder", PATH, Anywhere),
            ("file", PATH, Whole),
            ("filename", PATH, Anywhere),
            ("fqdn", HOST, Anywhere),
            ("ftp", HOST, Whole),
        ],
        b'h' => &[("host", HOST, End), ("hostname", HOST, Anywhere)],
        b'i' => &[("instance", HOST, End), ("instancename", HOST, Anywhere)],
        b'l' => &[
            ("licensecode", SECRET, Anywhere),
            ("licencecode", SECRET, Anywhere),
            ("licensekey", SECRET, Anywhere),
            ("licencekey", SECRET, Anywhere),
            ("licensenumber", SECRET, Anywhere),
            ("link", URL, Whole),
            ("ldap", HOST, Whole),
            ("login", ACCOUNT, End),
            ("loginname", ACCOUNT, Anywhere),
            ("logfile", PATH, Anywhere),
        ],
        b'm' => &[
            ("machine", HOST, Whole),
            ("machinename", HOST, Anywhere),
            ("mailfrom", EMAIL, Anywhere),
            ("mailto", EMAIL, Anywhere),
            ("mailbox", EMAIL, Anywhere),
        ],
        b'p' => &[
            ("password", SECRET, Anywhere),
            ("passwd", SECRET, Anywhere),
            ("passphrase", SECRET, Anywhere),
            ("passcode", SECRET, Anywhere),
            ("pwd", SECRET, Anywhere),
            ("pin", SECRET, Whole),
            ("privatekey", SECRET, Anywhere),
            ("productkey", SECRET, Anywhere),
            ("path", PATH, End),
            ("pathname", PATH, Anywhere),
            ("proxy", HOST, End),
        ],
        b'r' => &[("root", PATH, End), ("recipient", EMAIL, Anywhere), ("replyto", EMAIL, Anywhere)],
        b's' => &[
            ("server", HOST, Anywhere),
            ("secret", SECRET, Anywhere),
            ("sender", EMAIL, End),
            ("serialnumber", SECRET, Anywhere),
            ("serialno", SECRET, Anywhere),
            ("serialkey", SECRET, Anywhere),
            ("signingkey", SECRET, Anywhere),
            ("sharedkey", SECRET, Anywhere),
            ("share", PATH, Whole),
            ("salt", SECRET, Whole),
            ("smtp", HOST, End),
        ],
        b't' => &[("token", SECRET, Anywhere), ("thumbprint", SECRET, Anywhere)],
        b'u' => &[
            ("url", URL, End),
            ("urls", URL, End),
            ("urlbase", URL, Anywhere),
            ("uri", URL, Whole),
            ("unc", PATH, Whole),
            ("username", ACCOUNT, Anywhere),
            ("userid", ACCOUNT, Anywhere),
            ("uid", ACCOUNT, Whole),
        ],
        b'v' => &[("version", VERSION, Anywhere)],
        b'w' => &[
            ("webaddress", URL, Anywhere),
            ("website", URL, Anywhere),
            ("webservice", URL, End),
            ("webhook", URL, Anywhere),
            ("workstation", HOST, Whole),
            ("wsdl", URL, Anywhere),
        ],
        _ => &[],
    }
}

/// Last words that name a property of a host, a path or a password, and not the thing itself.
const PROPERTIES: [&str; 43] = [
    "port",
    "timeout",
    "version",
    "edition",
    "type",
    "mode",
    "enabled",
    "enable",
    "count",
    "size",
    "length",
    "limit",
    "level",
    "format",
    "interval",
    "required",
    "encoding",
    "kind",
    "protocol",
    "security",
    "authentication",
    "language",
    "locale",
    "zone",
    "separator",
    "color",
    "colour",
    "order",
    "days",
    "hours",
    "minutes",
    "seconds",
    "expiry",
    "expiration",
    "attempts",
    "retries",
    "policy",
    "complexity",
    "method",
    "status",
    "visible",
    "age",
    "max",
];

impl Hints {
    /// Reads a key.
    pub(super) fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let mut kinds = 0;
        for (place, byte) in bytes.iter().enumerate() {
            for (word, kind, at) in words(byte.to_ascii_lowercase()) {
                if kinds & kind == 0 && stands_at(bytes, place, word, *at) {
                    kinds |= kind;
                }
            }
        }
        Self { kinds, property: kinds != 0 && ends_with_property(key) }
    }

    /// Whether the key speaks of this kind, or of any of these.
    pub(super) fn say(self, kinds: u16) -> bool {
        self.kinds & kinds != 0
    }

    /// Whether the value itself should be of this kind, or of any of these: the key does not go on to name a property.
    pub(super) fn promise(self, kinds: u16) -> bool {
        self.say(kinds) && !self.property
    }
}

fn stands_at(key: &[u8], place: usize, word: &str, at: At) -> bool {
    let Some(end) = match_end(key, place, word.as_bytes()) else { return false };
    match at {
        Anywhere => true,
        End => word_ends(key, end),
        Whole => word_starts(key, place) && word_ends(key, end),
    }
}

/// Where a word that starts at `place` ends in the key, if it stands there; spaces and punctuation inside do not count.
fn match_end(key: &[u8], place: usize, word: &[u8]) -> Option<usize> {
    let mut at = place;
    for (index, letter) in word.iter().enumerate() {
        while index > 0 && key.get(at).is_some_and(|byte| b" _-.".contains(byte)) {
            at += 1;
        }
        if key.get(at)?.to_ascii_lowercase() != *letter {
            return None;
        }
        at += 1;
    }
    Some(at)
}

fn word_starts(key: &[u8], place: usize) -> bool {
    let Some(before) = place.checked_sub(1).map(|before| key[before]) else { return true };
    let camel = before.is_ascii_lowercase() || key.get(place + 1).is_some_and(u8::is_ascii_lowercase);
    !before.is_ascii_alphabetic() || (key[place].is_ascii_uppercase() && camel)
}

fn word_ends(key: &[u8], end: usize) -> bool {
    let Some(after) = key.get(end) else { return true };
    !after.is_ascii_alphabetic() || (after.is_ascii_uppercase() && key[end - 1].is_ascii_lowercase())
}

fn ends_with_property(key: &str) -> bool {
    let key = key.trim_end_matches(|last: char| !last.is_ascii_alphabetic()).as_bytes();
    PROPERTIES.iter().any(|word| {
        let Some(start) = key.len().checked_sub(word.len()) else { return false };
        // Long words are themselves at the end of any other; "port" is not "report".
        key[start..].eq_ignore_ascii_case(word.as_bytes()) && (word.len() >= 6 || word_starts(key, start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_every_spelling() {
        for key in [
            "SMTP Server",
            "SmtpServer",
            "SMTP_SERVER",
            "smtp-server",
            "SMTPSERVER",
            "Report Host",
            "REPORTHOST",
        ] {
            assert!(Hints::of(key).promise(HOST), "{key}");
        }
        for key in [
            "License Code",
            "LICENSE_CODE",
            "licenceKey",
            "SMTP Encrypted Password",
            "ApiKey",
            "API_KEY",
            "DbPwd",
        ] {
            assert!(Hints::of(key).promise(SECRET), "{key}");
        }
        for key in ["Web Server URL", "REPORTURL", "ReportUrl", "URL_2", "Service Endpoint"] {
            assert!(Hints::of(key).promise(URL), "{key}");
        }
    }

    #[test]
    fn a_word_inside_of_another_says_nothing() {
        for key in
            ["Hourly Rate", "Pipe Material", "Ghosts", "Missouri", "Profile", "WKOPTIONS.PINNED", "Key Field"]
        {
            assert_eq!(Hints::of(key).kinds, 0, "{key}");
        }
    }

    #[test]
    fn a_property_of_a_thing_is_not_the_thing() {
        for key in
            ["SMTP Server Port", "SmtpServerTimeout", "PASSWORDLENGTH", "Path Separator", "Server Time Zone"]
        {
            assert!(Hints::of(key).property, "{key}");
        }
        for key in ["Server Report", "SMTP Server", "Mail Host"] {
            assert!(!Hints::of(key).property, "{key}");
        }
    }
}
