//! Odd input of a megabyte: no detector panics on it, and none costs the square of its length: that would take hours.

use candor_policy::Detector;

const LENGTH: usize = 1 << 20;

/// What is repeated: the characters that detectors start, split or go back at.
const UNITS: [&str; 24] = [
    "a", "A1", "0", "=", " =", "a=", "::", "a:", "://", "@a", "a.", "..", "\\\\a", "/", "%41", "%2525",
    "&#58;", "- ", "1-", "(1) ", "ü ", "\u{301}", "DE1 ", "12 Main ",
];

#[test]
fn a_megabyte_of_anything_is_read_in_time() {
    for unit in UNITS {
        let text = unit.repeat(LENGTH / unit.len());
        for detector in Detector::ALL {
            let _ = detector.finds("Note", &text);
        }
    }
}

#[test]
fn a_long_key_is_read_in_time() {
    for unit in ["a", "pass ", "Server", "s.e.r.v.e.r.", "_", "п", "pAsS"] {
        let key = unit.repeat((1 << 16) / unit.len());
        let _ = Detector::Secret.finds(&key, "value");
    }
}
