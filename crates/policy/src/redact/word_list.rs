//! Lists of words that are text files in the crate: sorted, one word a line, and looked up where they lie.

/// Whether a sorted list holds a word, which is given in lower case.
pub(super) fn holds(list: &str, word: &str) -> bool {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start =
            bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |line| low + line + 1);
        let end =
            bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |line| start + line);
        match bytes[start..end].cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::redact::{harmless, password};

    #[test]
    fn every_word_of_a_list_is_found_and_no_other() {
        for list in [harmless::WORDS, password::COMMON] {
            assert!(list.lines().is_sorted(), "a list is not sorted");
            assert!(list.lines().all(|word| !word.is_empty() && holds(list, word)));
            for word in ["", "a", "zzzz", "zz\n", "\n", "lorem"] {
                assert!(!holds(list, word), "{word}");
            }
        }
        assert!(!holds("", "a"));
    }
}
