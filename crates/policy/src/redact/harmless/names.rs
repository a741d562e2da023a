//! Names that standards give: colours, languages, time zones, encodings, collations, media types, and a few forms of files and
//! keys.

/// Whether the value is one of them.
pub(super) fn is_known(value: &str) -> bool {
    is_colour(value)
        || is_language(value)
        || is_time_zone(value)
        || is_encoding(value)
        || is_collation(value)
        || is_media_type(value)
        || is_reference_system(value)
        || is_file_kinds(value)
        || is_permission(value)
}

/// `#F80`, `#FF8800CC`, `rgb(10, 20, 30)`, `&H00FF00&`.
fn is_colour(value: &str) -> bool {
    let hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(digits) = value.strip_prefix('#') {
        return matches!(digits.len(), 3 | 4 | 6 | 8) && hexadecimal(digits);
    }
    if let Some(digits) = value.strip_prefix("&H") {
        return hexadecimal(digits.trim_end_matches('&'));
    }
    let lower = value.to_ascii_lowercase();
    let opening = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "cmyk(", "argb("]
        .iter()
        .find_map(|name| lower.strip_prefix(name));
    opening.is_some_and(|numbers| {
        numbers.ends_with(')')
            && numbers.bytes().all(|byte| byte.is_ascii_digit() || b" ,.%/)".contains(&byte))
    })
}

/// ISO 639-1.
const LANGUAGES: &str = "aa ab af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es \
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl \
    km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om \
    or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts \
    tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// BCP 47 and POSIX: `en`, `en-US`, `de_CH.UTF-8`, `zh-Hans-CN`, `ca-ES-valencia`; lists of them.
fn is_language(value: &str) -> bool {
    value.split([',', ';', '|', ' ']).filter(|tag| !tag.is_empty()).all(|tag| {
        let (tag, modifier) = tag.split_once('@').unwrap_or((tag, ""));
        let (tag, charset) = tag.split_once('.').unwrap_or((tag, ""));
        // `de-db.local` and `it@corp` begin like languages.
        let is_known = (charset.is_empty() || is_encoding(charset) || is_oracle(charset))
            && (modifier.is_empty() || MODIFIERS.contains(&modifier.to_ascii_lowercase().as_str()));
        if !is_known {
            return false;
        }
        if is_oracle(charset) {
            return tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        }
        let mut parts = tag.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is_region = |part: &str| {
            let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
            (letters && matches!(part.len(), 2 | 4))
                || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
                || ["valencia", "posix", "tradnl", "modern", "latn", "cyrl"]
                    .contains(&part.to_ascii_lowercase().as_str())
        };
        language.len() == 2
            && LANGUAGES.split(' ').any(|known| known == language)
            && parts.clone().count() <= 3
            && parts.all(is_region)
    }) && value.len() <= 60
}

/// What may come after the sign in a locale of POSIX, such as `de_DE@euro`.
const MODIFIERS: [&str; 8] =
    ["euro", "latin", "cyrillic", "valencia", "devanagari", "tradicional", "quot", "boldquot"];

/// Oracle's character sets, as in `AMERICAN_AMERICA.WE8MSWIN1252`.
fn is_oracle(charset: &str) -> bool {
    ["WE8", "EE8", "CL8", "US7", "AL32", "AL16", "UTF8", "JA16", "KO16", "ZHS", "ZHT"]
        .iter()
        .any(|set| charset.starts_with(set))
}

/// `Europe/London`, `America/Argentina/Buenos_Aires`, `UTC+01:00`, `W. Europe Standard Time`, `(UTC+01:00) Amsterdam, Berlin`.
fn is_time_zone(value: &str) -> bool {
    const AREAS: [&str; 12] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
        "Etc/",
        "US/",
    ];
    let is_place = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/".contains(&byte);
    if AREAS.iter().any(|area| {
        value.strip_prefix(area).is_some_and(|place| place.len() >= 2 && place.bytes().all(is_place))
    }) {
        return true;
    }
    if value.starts_with("(UTC") || value.starts_with("(GMT") {
        let offset = |byte: u8| byte.is_ascii_digit() || b"+-:".contains(&byte);
        return value[4..]
            .split_once(')')
            .is_some_and(|(before, cities)| before.bytes().all(offset) && is_prose(cities));
    }
    if let Some(offset) = value.strip_prefix("UTC").or_else(|| value.strip_prefix("GMT")) {
        return offset.bytes().all(|byte| byte.is_ascii_digit() || b"+-: ".contains(&byte));
    }
    let is_named =
        [" Standard Time", " Daylight Time", " Summer Time"].iter().any(|ending| value.ends_with(ending));
    is_named && is_prose(value) || is_posix_zone(value)
}

/// Words, a full stop only at a word's end: no dotted name hides in it.
fn is_prose(text: &str) -> bool {
    let is_sign = |letter: char| letter.is_alphanumeric() || " .,&'()/+-’".contains(letter);
    let stops = text
        .match_indices('.')
        .all(|(place, _)| text[place + 1..].chars().next().is_none_or(|next| !next.is_alphanumeric()));
    text.chars().all(is_sign) && stops
}

/// `CET-1CEST`, `EST5EDT`.
fn is_posix_zone(value: &str) -> bool {
    let is_name =
        |name: &str| matches!(name.len(), 3 | 4) && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let Some(start) = value.find(|sign: char| !sign.is_ascii_uppercase()) else { return false };
    let (name, offset) = value.split_at(start);
    let offset = offset.trim_start_matches(['+', '-']);
    let summer = offset.trim_start_matches(|sign: char| sign.is_ascii_digit());
    is_name(name) && matches!(offset.len() - summer.len(), 1 | 2) && (summer.is_empty() || is_name(summer))
}

/// `UTF-8`, `ISO-8859-1`, `windows-1252`, `cp850`, `Shift_JIS`.
fn is_encoding(value: &str) -> bool {
    const FAMILIES: [&str; 24] = [
        "utf",
        "ucs",
        "iso-8859",
        "iso8859",
        "iso-2022",
        "iso_8859",
        "iso-10646",
        "windows-",
        "cp",
        "ibm",
        "latin",
        "us-ascii",
        "ascii",
        "ansi",
        "euc-",
        "shift_jis",
        "shift-jis",
        "gb",
        "big5",
        "koi8",
        "macroman",
        "ebcdic",
        "tis-620",
        "unicode",
    ];
    let lower = value.to_ascii_lowercase();
    value.len() <= 20
        && FAMILIES.iter().any(|family| {
            lower.strip_prefix(family).is_some_and(|rest| {
                let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
                letters <= 5
                    && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
                    && (rest.is_empty()
                        || rest.bytes().any(|byte| byte.is_ascii_digit())
                        || matches!(rest, "le" | "be" | "kr" | "jp" | "k" | "-u" | "-r"))
            })
        })
}

/// `SQL_Latin1_General_CP1_CI_AS`, `utf8mb4_unicode_ci`, `BINARY_CI`: two endings, or a character set before one.
fn is_collation(value: &str) -> bool {
    const ENDINGS: [&str; 10] = ["ci", "cs", "bin", "bin2", "ai", "as", "ks", "ws", "sc", "utf8"];
    const SETS: [&str; 14] = [
        "utf8", "utf16", "utf32", "ucs2", "latin", "ascii", "binary", "cp", "big5", "gb", "koi8", "sjis",
        "euc", "tis620",
    ];
    let is_ending = |part: &str| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(part));
    let folded = value.to_ascii_lowercase();
    let endings = folded.rsplit('_').take_while(|part| is_ending(part)).count();
    folded.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && folded.split('_').count() > endings
        && (endings >= 2 || (endings == 1 && SETS.iter().any(|set| folded.starts_with(set))))
}

/// `text/html; charset=utf-8`, `image/svg+xml`, `application/vnd.ms-excel`; lists of them.
fn is_media_type(value: &str) -> bool {
    const TREES: [&str; 9] =
        ["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"];
    value.split(',').all(|one| {
        let mut parts = one.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let known = name.split_once('/').is_some_and(|(tree, kind)| {
            TREES.iter().any(|known| known.eq_ignore_ascii_case(tree))
                && !kind.is_empty()
                && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-*".contains(&byte))
        });
        known
            && parts.all(|parameter| {
                let parameter = parameter.to_ascii_lowercase();
                let is_number =
                    |number: &str| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                parameter.is_empty()
                    || parameter.strip_prefix("charset=").is_some_and(is_encoding)
                    || parameter.strip_prefix("q=").is_some_and(is_number)
            })
    })
}

/// `EPSG:4326`, `SRID=3857`, `ISO 8601`, `RFC 3339`, `TLSv1.2`.
fn is_reference_system(value: &str) -> bool {
    let upper = value.to_ascii_uppercase();
    [
        "EPSG", "ESRI", "SRID", "WKID", "ISO", "RFC", "DIN", "CCITT", "IEEE", "TLSV", "SSLV", "TLS", "SSL",
        "HTTP/", "OAUTH",
    ]
    .iter()
    .any(|name| {
        upper.strip_prefix(name).is_some_and(|number| {
            (1..=9).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit() || b" :=-.".contains(&byte))
        })
    })
}

/// `.csv`, `*.jpg;*.png`, `*.*`.
fn is_file_kinds(value: &str) -> bool {
    value.split([',', ';', '|', ' ']).filter(|kind| !kind.is_empty()).all(|kind| {
        kind.strip_prefix("*.").or_else(|| kind.strip_prefix('.')).is_some_and(|ending| {
            (1..=5).contains(&ending.len())
                && ending.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'*')
        })
    })
}

/// `rwxr-xr-x`.
fn is_permission(value: &str) -> bool {
    (9..=10).contains(&value.len())
        && value.bytes().all(|byte| b"drwxst-l".contains(&byte))
        && value.contains("r")
        && value.contains('-')
}
