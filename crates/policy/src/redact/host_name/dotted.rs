//! Dotted names, and what has that form too: versions, date patterns, names of files, of classes and of a few products.

use crate::redact::harmless;
use crate::redact::scan::is_word;
use crate::redact::word_list::holds;

/// Endings that only networks use.
pub(super) fn is_network_ending(label: &str) -> bool {
    const ENDINGS: [&str; 40] = [
        "com",
        "net",
        "org",
        "gov",
        "edu",
        "mil",
        "us",
        "uk",
        "ca",
        "de",
        "at",
        "ch",
        "fr",
        "es",
        "it",
        "nl",
        "be",
        "pt",
        "br",
        "pl",
        "eu",
        "ru",
        "io",
        "info",
        "biz",
        "local",
        "lan",
        "internal",
        "intern",
        "intranet",
        "corp",
        "home",
        "localdomain",
        "priv",
        "private",
        "example",
        "test",
        "invalid",
        "rf",
        "ua",
    ];
    ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(label))
}

fn ends_like_a_network(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(is_network_ending)
}

/// `invoice.rpt`, `jquery.min.js`: endings of files that no network uses.
fn is_file_name(label: &str) -> bool {
    const ENDINGS: [&str; 74] = [
        "txt",
        "csv",
        "tsv",
        "xml",
        "xsd",
        "xsl",
        "xslt",
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "config",
        "log",
        "pdf",
        "doc",
        "docx",
        "dot",
        "dotx",
        "xls",
        "xlsx",
        "xlsm",
        "xlt",
        "ppt",
        "pptx",
        "odt",
        "ods",
        "rtf",
        "rpt",
        "rdl",
        "rdlc",
        "mrt",
        "frx",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "ico",
        "svg",
        "tif",
        "tiff",
        "webp",
        "html",
        "htm",
        "xhtml",
        "css",
        "scss",
        "less",
        "js",
        "mjs",
        "ts",
        "jsp",
        "asp",
        "aspx",
        "ashx",
        "asmx",
        "cshtml",
        "php",
        "dll",
        "exe",
        "msi",
        "jar",
        "war",
        "bak",
        "mdb",
        "accdb",
        "sql",
        "ttf",
        "woff",
        "wav",
        "properties",
    ];
    ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(label))
}

/// `System.Data.SqlClient`, `Lucity.WorkOrders`, `org.hibernate.dialect.OracleDialect`; `Jane.Doe` is an account.
fn is_class_name(name: &str) -> bool {
    const ROOTS: [&str; 8] = ["com", "org", "net", "java", "javax", "io", "jakarta", "kotlin"];
    let is_capital = |label: &str| {
        label.starts_with(|first: char| first.is_ascii_uppercase())
            && label.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    let labels = || name.split('.');
    let last = labels().next_back().unwrap_or_default();
    let from_root = labels().next().is_some_and(|first| ROOTS.contains(&first)) && labels().count() >= 3;
    let is_compound = |label: &str| {
        label.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase())
    };
    let is_word = |label: &str| holds(harmless::WORDS, &label.to_ascii_lowercase());
    let capitals = labels().all(is_capital)
        && (labels().count() >= 3 || labels().any(is_compound) || labels().any(is_word));
    is_capital(last) && !is_network_ending(last) && (from_root || capitals)
}

/// Products whose names end like networks, and tables under a schema that every database of their kind has.
fn is_product(name: &str) -> bool {
    const PRODUCTS: [&str; 7] =
        ["asp.net", "vb.net", "ado.net", "ml.net", "socket.io", "draw.io", "paint.net"];
    const SCHEMAS: [&str; 5] = ["dbo.", "sys.", "pg_catalog.", "information_schema.", "public."];
    PRODUCTS.iter().any(|known| known.eq_ignore_ascii_case(name))
        || (name.split('.').count() == 2
            && SCHEMAS.iter().any(|schema| name.starts_with(schema))
            && !ends_like_a_network(name))
}

pub(super) fn dotted(run: &str) -> bool {
    run.split("..").any(|part| {
        let part = part.trim_matches(['.', '-', '_']);
        let Some((_, last)) = part.rsplit_once('.') else { return false };
        let named = last.len() >= 2
            && last.bytes().next().is_some_and(|first| is_word(first) && !first.is_ascii_digit())
            && last.bytes().all(|byte| is_word(byte) || byte == b'-');
        named
            && !is_version(part)
            && !is_date_pattern(part)
            && !is_file_name(last)
            && !is_product(part)
            && !is_class_name(part)
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

pub(super) fn is_date_pattern(name: &str) -> bool {
    const PARTS: [&str; 17] = [
        "d", "dd", "ddd", "dddd", "m", "mm", "mmm", "mmmm", "yy", "yyyy", "h", "hh", "s", "ss", "tt", "fff",
        "zzz",
    ];
    name.split('.').all(|label| PARTS.iter().any(|part| part.eq_ignore_ascii_case(label)))
}
