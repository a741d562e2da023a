//! What is planted in the sample product's database, for the tests that look for it in all that leaves a site.

/// The planted strings.
pub fn canaries() -> Vec<&'static str> {
    let lines = include_str!("../../../examples/sample-product/CANARIES.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Those that stand in a text, letters in either case: as they are, or as JSON and debug output write them, which double each
/// backslash.
pub fn found_in(text: &str) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let stands = |canary: &&str| {
        let plain = canary.to_ascii_lowercase();
        text.contains(&plain) || text.contains(&plain.replace('\\', r"\\"))
    };
    canaries().into_iter().filter(stands).collect()
}
