//! Text of a policy inside of a Markdown document, so that none of it is read as markup.

/// Text in which nothing is markup.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// The same, but what is written between backticks stays code.
pub fn plain_but_code(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 0 { plain(piece) } else { format!("`{piece}`") }).collect()
}
