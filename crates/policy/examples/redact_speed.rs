//! How long redaction takes per entry, nanoseconds: `cargo run --release -p candor-policy --example redact_speed`.

use std::hint::black_box;
use std::time::Instant;

use candor_policy::redact::apply;
use candor_policy::{Detector, Entry, KeyPattern, Redaction};

fn main() {
    let rules = Redaction {
        except: vec![KeyPattern::new("License Code"), KeyPattern::new("SMTP Encrypted Password")],
        named: Vec::new(),
        detectors: Detector::ALL.to_vec(),
        strict: None,
    };
    let cases = [
        ("WKOPTIONS.ALLOW_EDIT", Entry::Text("True".to_owned())),
        ("WKOPTIONS.PAGE_SIZE", Entry::Integer(25)),
        ("Default Date Format", Entry::Text("dd/mm/yyyy".to_owned())),
        ("Product Version", Entry::Text("2015r2 SP1".to_owned())),
        (
            "Note",
            Entry::Text("an ordinary sentence of a dozen words, as people write into options".to_owned()),
        ),
        ("Note", Entry::Text("https://gis.happyville.example/lucity".to_owned())),
    ];
    for (key, entry) in cases {
        let rounds = 200_000;
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(apply(black_box(&rules), black_box(key), black_box(entry.clone())));
        }
        println!("{:6} ns  {key}: {entry:?}", start.elapsed().as_nanos() / rounds);
    }
}
