//! Running text in which names from the manifest keep their exact form.

/// Text and names, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Phrase(pub Vec<Inline>);

/// A piece of a phrase.
#[derive(Clone, Debug)]
pub(super) enum Inline {
    /// Words.
    Words(String),
    /// A name or a value, letter by letter.
    Exact(String),
}

impl Phrase {
    /// A phrase of words.
    pub(super) fn words(text: impl Into<String>) -> Self {
        Self(vec![Inline::Words(text.into())])
    }

    /// The phrase and more words.
    pub(super) fn then(mut self, text: impl Into<String>) -> Self {
        self.0.push(Inline::Words(text.into()));
        self
    }

    /// The phrase and a name.
    pub(super) fn exact(mut self, name: impl Into<String>) -> Self {
        self.0.push(Inline::Exact(name.into()));
        self
    }

    /// The phrase and names, with commas between them.
    pub(super) fn list<T: AsRef<str>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        for (index, name) in names.into_iter().enumerate() {
            if index > 0 {
                self = self.then(", ");
            }
            self = self.exact(name.as_ref());
        }
        self
    }
}

/// Words in a sentence: "a, b and c".
pub(super) fn and<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "and")
}

/// Words in a sentence: "a, b or c".
pub(super) fn or<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "or")
}

fn joined<T: AsRef<str>>(words: &[T], conjunction: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {conjunction} {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

/// A sentence: a capital letter at its start, a full stop at its end.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let Some(first) = letters.next() else { return String::new() };
    let text: String = first.to_uppercase().chain(letters).collect();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}
