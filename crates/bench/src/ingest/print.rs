//! The table for people, and whether the aims are met.

use super::round::Measured;
use super::{COLLECTOR, Ingest};
use crate::figures::{aim, table};

/// Least share of the other version's throughput.
const THROUGHPUT_AIM: f64 = 0.85;
/// Longest 99th percentile, milliseconds. It is an aim at [`AIM_RATE`] alone.
const P99_AIM: f64 = 25.0;
/// Reports a second.
const AIM_RATE: u32 = 5_000;

pub(super) fn print(ingest: &Ingest) {
    let servers = ingest.medians.len().max(1);
    let mut rows: Vec<Vec<String>> = ingest
        .rounds
        .iter()
        .enumerate()
        .map(|(index, measured)| row(format!("round {} {}", index / servers + 1, measured.server), measured))
        .collect();
    rows.extend(ingest.medians.iter().map(|medians| row(format!("median {}", medians.server), medians)));
    let headings = ["", "reports/s", "p50 ms", "p99 ms", "p99.9 ms", "% > 2 ms", "CPU us/report"];
    println!("{}", ingest.machine.line());
    println!(
        "requests of {} bytes; throughput: {} connections, closed loop; waits: open loop at {} reports/s",
        ingest.request_bytes, ingest.connections, ingest.rate
    );
    println!("{}", table(&headings, &rows));
    aims(ingest);
}

fn row(name: String, measured: &Measured) -> Vec<String> {
    vec![
        name,
        format!("{:.0}", measured.throughput),
        format!("{:.2}", measured.p50),
        format!("{:.2}", measured.p99),
        format!("{:.2}", measured.p999),
        format!("{:.2}", 100.0 * measured.long),
        format!("{:.0}", measured.processor),
    ]
}

fn aims(ingest: &Ingest) {
    if let Some(share) = ingest.throughput_of_against {
        println!(
            "throughput: {share:.2} of the other version's (aim: {THROUGHPUT_AIM} or more: {})",
            aim(share >= THROUGHPUT_AIM)
        );
    }
    if let Some(own) = ingest.medians.iter().find(|medians| medians.server == COLLECTOR) {
        let verdict = if ingest.rate == AIM_RATE { aim(own.p99 <= P99_AIM) } else { "at another rate" };
        println!(
            "p99 at {} reports/s: {:.2} ms (aim: {P99_AIM} ms or less at {AIM_RATE}: {verdict})",
            ingest.rate, own.p99
        );
    }
    let ceiling = ingest.medians.last().map_or(1.0, |ceiling| ceiling.throughput.max(1.0));
    let ceiling_microseconds = 1e6 / ceiling;
    println!(
        "for comparison, throughput is {:.2} of the ceiling's; checking a signature, many at a time, costs {:.0} us, and the \
         ceiling with nothing but this would reach {:.2}",
        ingest.throughput_of_ceiling,
        ingest.signature_microseconds,
        ceiling_microseconds / (ceiling_microseconds + ingest.signature_microseconds)
    );
}
