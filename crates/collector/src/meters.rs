//! The collector's own metrics, for Prometheus. They belong to the state: there is no global recorder.

use std::path::Path;
use std::time::Duration;

use candor_policy::ProblemCode;
use candor_web::meters::Registry;
use candor_web::tls::Tls;
use metrics::{Counter, Gauge, Histogram, Label};

use crate::store::Reads;

/// Upper bounds, seconds: from a commit that nobody shares to a sender's patience.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// All meters.
pub struct Meters {
    registry: Registry,
    accepted: Counter,
    repeated: Counter,
    refused: Vec<(ProblemCode, Counter)>,
    seconds: Histogram,
    projected: Counter,
    unreadable: Counter,
    waiting: Gauge,
    behind: Gauge,
    disk_nearly_full: Gauge,
    arriving: Gauge,
    plain: Gauge,
    column_reads: Counter,
    column_read_microseconds: Counter,
}

impl Meters {
    /// The meters of a collector on this data folder, with this certificate.
    pub fn new(folder: &Path, tls: Option<Tls>) -> Self {
        let mut registry = Registry::new(&SECONDS, env!("CARGO_PKG_VERSION")).with_disk(folder.to_owned());
        if let Some(tls) = tls {
            registry = registry.with_certificate(tls);
        }
        let refused = |code: &ProblemCode| {
            let labels = vec![Label::new("code", code.word())];
            let text = "Requests refused, by problem code.";
            (*code, registry.labelled_counter("candor_reports_refused_total", text, labels))
        };
        Self {
            accepted: registry.counter(
                "candor_reports_acknowledged_total",
                "Reports acknowledged, repeated ones included.",
            ),
            repeated: registry.counter("candor_reports_repeated_total", "Reports that were stored already."),
            refused: ProblemCode::ALL.iter().map(refused).collect(),
            seconds: registry.seconds(
                "candor_acknowledgement_seconds",
                "Seconds from a report's header to its acknowledgement.",
            ),
            projected: registry.counter(
                "candor_reports_projected_total",
                "Reports that reached the columns since the start.",
            ),
            unreadable: registry.counter(
                "candor_reports_unreadable_total",
                "Reports that the journal holds and nothing can read; the log names them.",
            ),
            waiting: registry.gauge("candor_reports_waiting", "Reports that wait to be made durable."),
            behind: registry
                .gauge("candor_batches_behind", "Batches of the journal that the columns do not hold yet."),
            disk_nearly_full: registry.gauge(
                "candor_disk_nearly_full",
                "1 while reports are refused because less than the floor is free on the data folder's disk.",
            ),
            arriving: registry
                .gauge("candor_requests_held_bytes", "Bytes of bodies that requests hold as they came."),
            plain: registry.gauge(
                "candor_reports_held_bytes",
                "Bytes of reports that are expanded and not acknowledged yet.",
            ),
            column_reads: registry
                .counter("candor_column_reads_total", "Reads of the columns, most of them for a figure."),
            column_read_microseconds: registry.counter(
                "candor_column_read_microseconds_total",
                "Microseconds that reads of the columns took, without the wait for their turn.",
            ),
            registry,
        }
    }

    /// A report was acknowledged.
    pub fn accepted(&self, took: Duration) {
        self.accepted.increment(1);
        self.seconds.record(took.as_secs_f64());
    }

    /// A report was held already.
    pub fn repeated(&self) {
        self.repeated.increment(1);
    }

    /// A request was refused.
    pub fn refused(&self, code: ProblemCode) {
        if let Some((_, counter)) = self.refused.iter().find(|(known, _)| *known == code) {
            counter.increment(1);
        }
    }

    /// Reports reached the columns, and others could not be read.
    pub fn projected(&self, reports: usize, unreadable: usize) {
        self.projected.increment(reports as u64);
        self.unreadable.increment(unreadable as u64);
    }

    /// How the queues stand now.
    pub fn standing(&self, waiting: usize, batches_behind: i64) {
        self.waiting.set(waiting as f64);
        self.behind.set(batches_behind as f64);
    }

    /// What requests hold, and whether the disk has room for more.
    pub fn holding(&self, arriving_bytes: usize, plain_bytes: usize, disk_nearly_full: bool) {
        self.arriving.set(arriving_bytes as f64);
        self.plain.set(plain_bytes as f64);
        self.disk_nearly_full.set(f64::from(u8::from(disk_nearly_full)));
    }

    /// Free bytes on the disk of the data folder, where the system says so.
    pub fn disk_free_bytes(&self) -> Option<u64> {
        self.registry.disk_free_bytes()
    }

    /// What the columns were asked so far.
    pub fn column_reads(&self, reads: &Reads) {
        self.column_reads.absolute(reads.count());
        self.column_read_microseconds.absolute(reads.microseconds());
    }

    /// Sorts the times measured into their buckets; they take room until then.
    pub fn upkeep(&self) {
        self.registry.upkeep();
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        self.registry.render()
    }
}
