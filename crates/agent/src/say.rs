//! What is said to people: on the error output, and on a terminal.
//!
//! An installer may have closed the error output, or its disk may be full: that is no reason to fail, so [`say`] cannot. Names
//! and values come from databases, files and answers, so no control character in them reaches a terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Stderr, Write};

/// Says one line; where nobody can hear it, it is lost.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", escaped(&line.to_string()));
}

/// The error output, for what has many lines.
pub fn errors() -> Screen<Stderr> {
    Screen::new(io::stderr(), io::stderr().is_terminal())
}

/// Whether nothing in a text would change the terminal that shows it.
pub fn is_plain(text: &str) -> bool {
    text.chars().all(is_shown)
}

/// Text without control characters, but for ends of lines and tabs. They are written as JSON writes them, so that a report
/// that is shown is still the same JSON.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_shown(letter) {
            shown.push(letter);
        } else {
            shown.push_str(&format!("\\u{:04x}", u32::from(letter)));
        }
    }
    shown
}

fn is_shown(letter: char) -> bool {
    // These turn the direction of what follows them.
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    matches!(letter, '\n' | '\t') || !(letter.is_control() || turns)
}

/// An output that shows no control character where it is a terminal, and hands every byte on where it is not.
pub struct Screen<W: Write> {
    out: W,
    is_terminal: bool,
    /// The beginning of a letter whose end has not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Screen<W> {
    /// A screen on this output.
    pub fn new(out: W, is_terminal: bool) -> Self {
        Self { out, is_terminal, begun: Vec::new() }
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.out.write(bytes);
        }
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            // Bytes that are not text are shown as such.
            Err(_) => self.begun.len(),
        };
        let text = escaped(&String::from_utf8_lossy(&self.begun[..whole]));
        self.begun.drain(..whole);
        self.out.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_terminal: bool, pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, is_terminal);
        for piece in pieces {
            screen.write_all(piece).unwrap();
        }
        out
    }

    #[test]
    fn a_terminal_gets_no_control_character_and_a_file_gets_every_byte() {
        let odd = "a\u{1b}[31m\u{9b}2J\r\u{202e}z\n\tü";
        assert_eq!(written(true, &[odd.as_bytes()]), "a\\u001b[31m\\u009b2J\\u000d\\u202ez\n\tü".as_bytes());
        assert_eq!(written(false, &[odd.as_bytes()]), odd.as_bytes());
        // A letter that comes in two pieces, and bytes that are not text.
        assert_eq!(written(true, &[b"\xc2", b"\x9b", "ü".as_bytes()]), "\\u009bü".as_bytes());
        assert_eq!(written(true, &[b"\xff\x1b"]), "\u{fffd}\\u001b".as_bytes());
    }
}
