//! What a text may be: one of a few values, or a pattern with a length. Text that nothing bounds is refused, and so is a
//! pattern that lets a sentence about a person through.

use super::faults::Found;
use super::section::Section;
use crate::TextRule;
use crate::limits::{PATTERN_BYTES, TEXT_LENGTH};

/// Whatever lets one of these through lets anything through.
const PROSE: [&str; 3] = ["Ann Lee, ann@example.org", "Ann Lee was born in May.", "ann.lee@example.org"];

/// Reads `values`, or `pattern` with `max_length`.
pub(super) fn read(section: &Section<'_>, found: &mut Found) -> Option<TextRule> {
    match (section.has("values"), section.has("pattern")) {
        (true, true) => {
            found.add(
                section.place("pattern"),
                format!("{} has both `values` and `pattern`", section.name),
                "keep `values` where they are few and known, and `pattern` otherwise",
            );
            None
        }
        (true, false) => values(section, found),
        (false, true) => pattern(section, found),
        (false, false) => {
            found.missing(
                section.at,
                format!("{} is text that nothing bounds", section.name),
                "add `values = [\"…\"]`, or `pattern = \"…\"` and `max_length`: what is not bounded can carry anything",
            );
            None
        }
    }
}

fn values(section: &Section<'_>, found: &mut Found) -> Option<TextRule> {
    if section.has("max_length") {
        found.add(
            section.place("max_length"),
            format!("{} has `values`, which need no `max_length`", section.name),
            "take `max_length` out",
        );
    }
    for value in section.texts("values").iter().filter(|value| value.text.len() > TEXT_LENGTH) {
        found.add(
            value.at,
            format!("a value of {} is longer than {TEXT_LENGTH} bytes", section.name),
            "shorten it",
        );
    }
    Some(TextRule::OneOf(section.plain_texts("values")))
}

fn pattern(section: &Section<'_>, found: &mut Found) -> Option<TextRule> {
    if !section.has("max_length") {
        found.missing(
            section.place("pattern"),
            format!("{} has a `pattern` and no `max_length`", section.name),
            "add `max_length = 64`, or as many bytes as the longest text needs",
        );
    }
    let at = section.place("pattern");
    let text = section.text("pattern")?;
    let pattern = match compile(text) {
        Ok(pattern) => pattern,
        Err(error) => {
            let message = format!("the pattern of {} does not compile: {error}", section.name);
            found.add(
                at,
                message,
                "regex syntax is that of docs.rs/regex; no look-around, no back-references",
            );
            return None;
        }
    };
    let longest = usize::try_from(section.integer("max_length")?).ok()?;
    if PROSE.iter().any(|prose| prose.len() <= longest && pattern.is_match(prose)) {
        found.add(
            at,
            format!("the pattern of {} lets free text through, such as `{}`", section.name, PROSE[0]),
            "name the characters that the text is made of, without `.` and `@`, such as `[A-Za-z0-9 ()-]+`",
        );
        return None;
    }
    Some(TextRule::Pattern { pattern, longest })
}

/// The pattern, held against whole texts; an error in one line.
fn compile(text: &str) -> Result<regex::Regex, String> {
    let build = |text: &str| regex::RegexBuilder::new(text).size_limit(PATTERN_BYTES).build();
    // Compiled alone first: what closes a group that is not its own must not be mended by the anchors' brackets.
    build(text).and_then(|_| build(&format!(r"\A(?:{text})\z"))).map_err(|error| {
        let message = error.to_string();
        let last = message.lines().last().unwrap_or_default();
        last.trim().trim_start_matches("error: ").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_for_the_whole_text() {
        let pattern = compile("[a-z]+|x").unwrap();
        assert!(pattern.is_match("abc"));
        assert!(!pattern.is_match("abc1"));
        assert!(!pattern.is_match("1x"));
        assert!(!pattern.is_match("abc\n"));
        assert_eq!(compile("a)|(?:b").unwrap_err(), "unopened group");
        assert!(compile("(a{1000}){1000}").is_err());
    }
}
