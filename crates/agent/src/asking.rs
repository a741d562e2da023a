//! Asks a person whether the bytes that they have just been shown may leave.
//!
//! Only a clear yes is one: no answer, a closed input or any other word leaves everything where it is.

use std::io::{BufRead, Write};

/// Longest answer that is read, bytes: a yes in any of its forms.
const ANSWER_BYTES: u64 = 64;

/// Asks on the error output, so that what was shown can still be piped, and reads one line of the input.
pub fn agreed(question: &str) -> bool {
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let _ = std::io::stderr().flush();
    is_yes(std::io::stdin().lock())
}

fn is_yes(input: impl BufRead) -> bool {
    let mut answer = String::new();
    let read = input.take(ANSWER_BYTES).read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        for yes in ["y", "Y\n", "yes\r\n", " Yes \n"] {
            assert!(is_yes(yes.as_bytes()), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "no\n", "yes please\n", "ye\nyes\n", "\u{fffd}"] {
            assert!(!is_yes(no.as_bytes()), "{no:?}");
        }
        assert!(!is_yes(&[0xff, b'\n'][..]));
    }
}
