//! Words that say how an option is set.

/// Words that say how an option is set, and name nothing.
pub(super) fn is_flag_word(value: &str) -> bool {
    const WORDS: [&str; 27] = [
        "true",
        "false",
        "yes",
        "no",
        "y",
        "n",
        "t",
        "f",
        "on",
        "off",
        "none",
        "null",
        "n/a",
        "na",
        "default",
        "enabled",
        "disabled",
        "enable",
        "disable",
        "auto",
        "automatic",
        "always",
        "never",
        "optional",
        "required",
        "any",
        "all",
    ];
    value.len() <= 9 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}
