//! Reads the paths that a file names, wherever they stand: in `use`, in an expression, in a type, in a macro's arguments.

use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What a file declares and names.
#[derive(Default)]
pub struct Scanned {
    /// Every path, with its line and the inline modules around it.
    pub paths: Vec<Named>,
    /// What `use` gives another name or place: the name, and the whole path.
    pub uses: Vec<(Vec<String>, String, Vec<String>)>,
    /// Child modules that exist for tests alone.
    pub for_tests: Vec<String>,
}

/// A path that a file names.
pub struct Named {
    pub line: usize,
    /// The inline modules that it stands in.
    pub within: Vec<String>,
    pub path: Vec<String>,
}

/// Reads a file.
pub fn scan(text: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let tokens = TokenStream::from_str(text).expect("our own sources can be tokenised");
    walk(tokens, &[], &mut scanned);
    scanned
}

fn walk(stream: TokenStream, within: &[String], scanned: &mut Scanned) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut for_tests = false;
    let mut at = 0;
    while at < tokens.len() {
        if let Some(attribute) = attribute(&tokens, at) {
            for_tests |= attribute.starts_with("cfg (test") || attribute == "test";
            at += 2;
            continue;
        }
        at = match word(&tokens, at).as_deref() {
            Some("mod") => module(&tokens, at, within, for_tests, scanned),
            Some("use") => imported(&tokens, at, within, for_tests, scanned),
            Some("pub") => {
                // The attribute above belongs to what follows.
                at += 1 + usize::from(group(&tokens, at + 1, Delimiter::Parenthesis).is_some());
                continue;
            }
            Some(_) if for_tests => end_of_item(&tokens, at),
            Some(_) => path(&tokens, at, within, scanned),
            None => {
                if let TokenTree::Group(inner) = &tokens[at] {
                    walk(inner.stream(), within, scanned);
                }
                at + 1
            }
        };
        for_tests = false;
    }
}

/// `mod name;` or `mod name { ... }`.
fn module(
    tokens: &[TokenTree],
    at: usize,
    within: &[String],
    for_tests: bool,
    scanned: &mut Scanned,
) -> usize {
    let Some(name) = word(tokens, at + 1) else { return at + 1 };
    match group(tokens, at + 2, Delimiter::Brace) {
        Some(_) if for_tests => {}
        Some(body) => walk(body, &[within, &[name]].concat(), scanned),
        None if for_tests => scanned.for_tests.push(name),
        None => {}
    }
    at + 3
}

/// `use a::{b, c as d};`
fn imported(
    tokens: &[TokenTree],
    at: usize,
    within: &[String],
    for_tests: bool,
    scanned: &mut Scanned,
) -> usize {
    let end = (at..tokens.len()).find(|&place| is_mark(tokens, place, ';')).unwrap_or(tokens.len());
    if !for_tests {
        let line = tokens[at].span().start().line;
        for (path, name) in leaves(&tokens[at + 1..end], &[]) {
            scanned.uses.push((within.to_vec(), name, path.clone()));
            scanned.paths.push(Named { line, within: within.to_vec(), path });
        }
    }
    end + 1
}

/// The whole paths of a `use`, each with the name that it gets here.
fn leaves(tokens: &[TokenTree], before: &[String]) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for part in tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')) {
        let mut path = before.to_vec();
        let mut name = None;
        let mut at = 0;
        let mut is_branch = false;
        while at < part.len() {
            match &part[at] {
                TokenTree::Ident(word) if *word == "as" => {
                    name = part.get(at + 1).map(ToString::to_string);
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Group(inner) => {
                    let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
                    found.extend(leaves(&inner, &path));
                    is_branch = true;
                }
                TokenTree::Punct(mark) if mark.as_char() == '*' => path.push("*".to_owned()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
        if !is_branch && path.len() > before.len() {
            if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let last = path.last().cloned().unwrap_or_default();
            found.push((path, name.unwrap_or(last)));
        }
    }
    found
}

/// `a::b::c`, or a single word, which is no path.
fn path(tokens: &[TokenTree], at: usize, within: &[String], scanned: &mut Scanned) -> usize {
    let line = tokens[at].span().start().line;
    let mut path = vec![word(tokens, at).unwrap_or_default()];
    let mut next = at + 1;
    while is_mark(tokens, next, ':') && is_mark(tokens, next + 1, ':') {
        let Some(segment) = word(tokens, next + 2) else { break };
        path.push(segment);
        next += 3;
    }
    if path.len() > 1 {
        scanned.paths.push(Named { line, within: within.to_vec(), path });
    }
    next
}

/// Where an item ends: behind its braces, or behind its semicolon.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends =
        |place: &usize| is_mark(tokens, *place, ';') || group(tokens, *place, Delimiter::Brace).is_some();
    (at..tokens.len()).find(ends).map_or(tokens.len(), |place| place + 1)
}

fn attribute(tokens: &[TokenTree], at: usize) -> Option<String> {
    is_mark(tokens, at, '#')
        .then(|| group(tokens, at + 1, Delimiter::Bracket))?
        .map(|inside| inside.to_string())
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at)? {
        TokenTree::Ident(word) => Some(word.to_string()),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn group(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> Option<TokenStream> {
    match tokens.get(at)? {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group.stream()),
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn is_mark(tokens: &[TokenTree], at: usize, mark: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let scanned = scan(
        "use crate::a::{self, b::{C, D as E}};\n\
         pub(crate) use super::f::*;\n\
         mod inner { fn g() { html! { (crate::h::i()) } } }\n\
         #[cfg(test)] mod tests { use crate::not_this; }\n\
         #[cfg(test)] mod fixture;\n\
         fn j(k: crate::l::M) -> duckdb::Result<()> { vec![self::n::o()] }",
    );
    let paths: Vec<String> = scanned.paths.iter().map(|named| named.path.join("::")).collect();
    let expected = [
        "crate::a",
        "crate::a::b::C",
        "crate::a::b::D",
        "super::f::*",
        "crate::h::i",
        "crate::l::M",
        "duckdb::Result",
        "self::n::o",
    ];
    assert_eq!(paths, expected);
    assert_eq!(scanned.paths[4].line, 3);
    assert_eq!(scanned.paths[4].within, ["inner"]);
    assert_eq!(scanned.uses[2].1, "E");
    assert_eq!(scanned.for_tests, ["fixture"]);
}
