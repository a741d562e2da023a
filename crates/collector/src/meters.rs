//! The collector's own metrics, for Prometheus. They belong to the state: there is no global recorder.

use std::time::Duration;

use candor_policy::ProblemCode;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper bounds, seconds: from a commit that nobody shares to a sender's patience.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// All meters.
pub struct Meters {
    handle: PrometheusHandle,
    accepted: Counter,
    repeated: Counter,
    refused: Vec<(ProblemCode, Counter)>,
    seconds: Histogram,
    projected: Counter,
    unreadable: Counter,
    waiting: Gauge,
    behind: Gauge,
}

impl Default for Meters {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        // It fails only for an empty list.
        let recorder = match builder.set_buckets(&SECONDS) {
            Ok(builder) => builder.build_recorder(),
            Err(_) => PrometheusBuilder::new().build_recorder(),
        };
        describe(&recorder);
        let refused = |code: &ProblemCode| {
            let key = Key::from_parts("candor_reports_refused_total", vec![Label::new("code", code.word())]);
            (*code, recorder.register_counter(&key, &METADATA))
        };
        Self {
            accepted: recorder
                .register_counter(&Key::from_static_name("candor_reports_acknowledged_total"), &METADATA),
            repeated: recorder
                .register_counter(&Key::from_static_name("candor_reports_repeated_total"), &METADATA),
            refused: ProblemCode::ALL.iter().map(refused).collect(),
            seconds: recorder
                .register_histogram(&Key::from_static_name("candor_acknowledgement_seconds"), &METADATA),
            projected: recorder
                .register_counter(&Key::from_static_name("candor_reports_projected_total"), &METADATA),
            unreadable: recorder
                .register_counter(&Key::from_static_name("candor_reports_unreadable_total"), &METADATA),
            waiting: recorder.register_gauge(&Key::from_static_name("candor_reports_waiting"), &METADATA),
            behind: recorder.register_gauge(&Key::from_static_name("candor_batches_behind"), &METADATA),
            handle: recorder.handle(),
        }
    }
}

static METADATA: Metadata<'static> = Metadata::new("candor", Level::INFO, None);

fn describe(recorder: &PrometheusRecorder) {
    let counters = [
        (
            "candor_reports_unreadable_total",
            "Reports that the journal holds and nothing can read; the log names them.",
        ),
        ("candor_reports_acknowledged_total", "Reports acknowledged, repeated ones included."),
        ("candor_reports_repeated_total", "Reports that were held already."),
        ("candor_reports_refused_total", "Requests refused, by problem code."),
        ("candor_reports_projected_total", "Reports that reached the columns since the start."),
    ];
    for (name, text) in counters {
        recorder.describe_counter(KeyName::from_const_str(name), Some(Unit::Count), text.into());
    }
    let seconds = "Seconds from a report's header to its acknowledgement.";
    recorder.describe_histogram(
        KeyName::from_const_str("candor_acknowledgement_seconds"),
        Some(Unit::Seconds),
        seconds.into(),
    );
    let gauges = [
        ("candor_reports_waiting", "Reports that wait to be made durable."),
        ("candor_batches_behind", "Batches of the journal that the columns do not hold yet."),
    ];
    for (name, text) in gauges {
        recorder.describe_gauge(KeyName::from_const_str(name), Some(Unit::Count), text.into());
    }
}

impl Meters {
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

    /// Sorts the times measured into their buckets; they take room until then.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        self.upkeep();
        self.handle.render()
    }
}
