//! What redaction hides of values that are read from the standard input, a key and a value in each line with a tab between:
//! `cargo run -p candor-policy --example redact_values < values.tsv`.

use std::io::BufRead;

use candor_policy::redact::{Redacting, apply};
use candor_policy::{Detector, Entry, Redaction};

fn main() {
    let rules = Redaction { detectors: Detector::ALL.to_vec(), ..Redaction::default() };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some((key, value)) = line.rsplit_once('\t') else { continue };
        let said = match apply(&rules, key, Entry::Text(value.to_owned())) {
            Redacting::Kept(_) => "sent".to_owned(),
            Redacting::Omitted => "left out, key and value".to_owned(),
            Redacting::Rewritten(_) => {
                let seen = Detector::ALL.into_iter().filter(|detector| detector.finds(key, value));
                format!("in use: {:?}", seen.collect::<Vec<_>>())
            }
        };
        println!("{said}\t{key}\t{value}");
    }
}
