//! What a key says about its value: "SMTP Server" holds a host's name, "Report URL" a URL, "License Code" a secret.
//!
//! Keys come in every spelling (`SMTP Server`, `SmtpServer`, `SMTP_SERVER`, `REPORTURL`), so the words of `key_words` are looked for
//! in one pass over the key's letters, spaces and punctuation between them left aside.

use super::fold::to_ascii;
use super::key_kind::At::{Anywhere, End, Last, Whole};
pub(super) use super::key_kind::*;
use super::key_words::{WORDS, Word};

/// What a key says about its value.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints {
    kinds: u32,
    /// The key's last word names a property, such as a port or a time-out, and not the thing itself.
    pub(super) property: bool,
}

/// Where the words of each letter start in their list.
const STARTS: [usize; 27] = starts();

const fn starts() -> [usize; 27] {
    let mut starts = [WORDS.len(); 27];
    let mut at = WORDS.len();
    while at > 0 {
        at -= 1;
        let letter = (WORDS[at].0.as_bytes()[0] - b'a') as usize;
        starts[letter] = at;
    }
    let mut letter = 26;
    while letter > 0 {
        letter -= 1;
        if starts[letter] > starts[letter + 1] {
            starts[letter] = starts[letter + 1];
        }
    }
    starts
}

/// The words by a first letter.
fn words(first: u8) -> &'static [Word] {
    match first.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => {
            let letter = usize::from(letter - b'a');
            &WORDS[STARTS[letter]..STARTS[letter + 1]]
        }
        _ => &[],
    }
}

/// Last words that name a property of a host, a path or a password, and not the thing itself.
#[rustfmt::skip]
const PROPERTIES: [&str; 186] = [
    "engine", "dialect", "structure", "values", "layout", "scheme", "description", "handling",
    "port", "lifetime", "duration", "ttl", "view", "os", "mask", "encryption", "compression", "caching", "scope", "action", "behavior", "behaviour", "options", "usage", "roles", "prefix", "suffix", "validation", "verification", "recovery", "storage", "serverart", "kontoart", "types", "formats", "modes", "extension", "extensions", "passwortlange", "kennwortlange", "passwortlaenge", "timeout", "version", "edition", "type", "mode", "enabled", "enable", "count", "size", "length",
    "limit", "level", "format", "interval", "required", "encoding", "kind", "protocol", "security",
    "authentication", "language", "locale", "zone", "separator", "color", "colour", "order", "days", "hours",
    "minutes", "seconds", "expiry", "expiration", "attempts", "retries", "policy", "complexity", "method", "status",
    "visible", "age", "max", "min", "minimum", "maximum", "model", "category", "class", "history", "characters",
    "chars", "strength", "rules", "collation", "charset", "codepage", "culture", "delay", "schedule", "frequency",
    "threshold", "quota", "priority", "theme", "style", "width", "height", "position", "role", "visibility",
    "platform", "vendor", "template", "icon", "label", "title", "caption", "prompt", "subject", "hash", "algorithm",
    "cipher", "case", "state", "reset", "change", "sort", "puerto", "porta", "poort", "laenge", "longueur",
    "longitud", "comprimento", "lengte", "typ", "tipo", "modus", "modo", "modell", "modelo", "modele", "anzahl",
    "dauer", "delai", "duree", "duracion", "duracao", "ablauf", "gueltigkeit", "gultigkeit", "sprache", "langue",
    "idioma", "taal", "zeitzone", "fuseauhoraire", "zonahoraria", "formato", "formaat", "politique", "richtlinie",
    "politica", "beleid", "versao", "versie", "edicion", "estado", "etat", "statut", "komplexitat", "komplexitaet",
    "verfahren", "methode", "metodo", "aktiviert", "active", "activo", "ativo", "anzeige", "field", "column",
    "columnname", "tiempo", "temps",
];

/// First words that do: `Longueur du mot de passe`, `Use SMTP Server`.
#[rustfmt::skip]
const OPENINGS: [&str; 55] = [
    "port", "puerto", "porta", "poort", "type", "typ", "tipo", "version", "longueur", "longitud", "comprimento",
    "lengte", "lange", "laenge", "delai", "duree", "duracion", "duracao", "use", "enable", "disable", "enabled", "allow",
    "require", "requires", "show", "hide", "min", "max", "minimum", "maximum", "number", "has", "is", "can", "must",
    "zeige", "sprache", "langue", "idioma", "mode", "modo", "modus", "format", "formato", "versie", "versao",
    "afficher", "activer", "utiliser", "mostrar", "usar", "activar", "permitir", "exigir",
];

impl Hints {
    /// Reads a key.
    pub(super) fn of(key: &str) -> Self {
        let key = to_ascii(key);
        let bytes = key.as_bytes();
        let mut found: Vec<(usize, usize, u32)> = Vec::new();
        for (place, byte) in bytes.iter().enumerate() {
            for (word, kind, at) in words(*byte) {
                if let Some(end) = stands_at(bytes, place, word, *at) {
                    found.push((place, end, *kind));
                }
            }
        }
        let is_hidden = |place: usize, end: usize| {
            found.iter().any(|(from, to, kind)| *kind == NOTHING && *from <= place && end <= *to)
        };
        let kinds = found
            .iter()
            .filter(|(place, end, _)| !is_hidden(*place, *end))
            .fold(0, |kinds, (.., kind)| kinds | kind);
        Self { kinds, property: kinds != 0 && (ends_with_property(&key) || opens_with_property(&key)) }
    }

    /// Whether the key speaks of this kind, or of any of these.
    pub(super) fn say(self, kinds: u32) -> bool {
        self.kinds & kinds != 0
    }

    /// Whether the value itself should be of this kind, or of any of these: the key does not go on to name a property.
    pub(super) fn promise(self, kinds: u32) -> bool {
        self.say(kinds) && !self.property
    }
}

/// Where a word ends that stands at `place`, and where it has to stand.
fn stands_at(key: &[u8], place: usize, word: &str, at: At) -> Option<usize> {
    let end = match_end(key, place, word.as_bytes())?;
    let stands = match at {
        Anywhere => true,
        End => word_ends(key, end),
        Whole => word_starts(key, place) && word_ends(key, end),
        Last => key[end..].iter().all(|after| !after.is_ascii_alphabetic()),
    };
    stands.then_some(end)
}

/// Where a word that starts at `place` ends in the key, if it stands there; spaces and punctuation inside do not count.
fn match_end(key: &[u8], place: usize, word: &[u8]) -> Option<usize> {
    let mut at = place;
    for (index, letter) in word.iter().enumerate() {
        while index > 0 && key.get(at).is_some_and(|byte| b" _-./'".contains(byte)) {
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

fn opens_with_property(key: &str) -> bool {
    let column = key.rsplit('.').next().unwrap_or(key).as_bytes();
    OPENINGS.iter().any(|word| {
        column.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
            && word_ends(column, word.len())
            && column.len() > word.len()
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
    fn the_words_are_sorted_as_they_are_looked_up() {
        assert!(WORDS.is_sorted_by_key(|(word, ..)| word));
        assert!(
            WORDS.iter().all(|(word, ..)| word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
        );
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
