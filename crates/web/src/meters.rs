//! A program's own metrics, for Prometheus: a registry that is passed in, since there is no global recorder, and what every
//! program says of itself: its build, its process, the disk that it writes to, its certificate.

use std::path::PathBuf;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_process::Collector;

use crate::tls::Tls;

static METADATA: Metadata<'static> = Metadata::new("candor", Level::INFO, None);

/// The metrics of one program.
pub struct Registry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    process: Collector,
    disk: Option<(PathBuf, Gauge)>,
    certificate: Option<(Tls, Gauge)>,
}

impl Registry {
    /// An empty registry, but for the build and the process. `seconds` are the upper bounds of all histograms; they may not be
    /// empty.
    pub fn new(seconds: &[f64], version: &'static str) -> Self {
        let recorder = PrometheusBuilder::new().set_buckets(seconds).unwrap_or_default().build_recorder();
        let process = Collector::default();
        metrics::with_local_recorder(&recorder, || process.describe());
        let registry = Self { handle: recorder.handle(), recorder, process, disk: None, certificate: None };
        let labels = vec![Label::new("version", version)];
        registry.labelled_gauge("candor_build_info", "The program that runs.", labels).set(1.0);
        registry
    }

    /// Adds the disk that holds this folder.
    pub fn with_disk(mut self, folder: PathBuf) -> Self {
        let gauge = self.gauge_in(
            "candor_disk_free_bytes",
            Unit::Bytes,
            "Free bytes on the disk of the data folder.",
        );
        self.disk = Some((folder, gauge));
        self
    }

    /// Adds the end of the certificate.
    pub fn with_certificate(mut self, tls: Tls) -> Self {
        let text = "When the certificate ends, seconds since 1970.";
        let gauge = self.gauge_in("candor_tls_certificate_expiry_timestamp_seconds", Unit::Seconds, text);
        self.certificate = Some((tls, gauge));
        self
    }

    /// A counter, from 0.
    pub fn counter(&self, name: &'static str, text: &'static str) -> Counter {
        self.labelled_counter(name, text, Vec::new())
    }

    /// A counter that shares its name with others, and differs from them in its labels.
    pub fn labelled_counter(&self, name: &'static str, text: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.describe_counter(KeyName::from_const_str(name), Some(Unit::Count), text.into());
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    /// A gauge of a number.
    pub fn gauge(&self, name: &'static str, text: &'static str) -> Gauge {
        self.gauge_in(name, Unit::Count, text)
    }

    /// A histogram of seconds.
    pub fn seconds(&self, name: &'static str, text: &'static str) -> Histogram {
        self.recorder.describe_histogram(KeyName::from_const_str(name), Some(Unit::Seconds), text.into());
        self.recorder.register_histogram(&Key::from_static_name(name), &METADATA)
    }

    /// Sorts the times measured into their buckets; they take room until then.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// Free bytes on the disk that was added, where the system says so.
    pub fn disk_free_bytes(&self) -> Option<u64> {
        let (folder, _) = self.disk.as_ref()?;
        let disk = rustix::fs::statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// The text that Prometheus reads.
    pub fn render(&self) -> String {
        metrics::with_local_recorder(&self.recorder, || self.process.collect());
        if let Some((_, gauge)) = &self.disk
            && let Some(bytes) = self.disk_free_bytes()
        {
            gauge.set(bytes as f64);
        }
        if let Some((tls, gauge)) = &self.certificate {
            gauge.set(tls.expires_seconds() as f64);
        }
        self.upkeep();
        self.handle.render()
    }

    fn gauge_in(&self, name: &'static str, unit: Unit, text: &'static str) -> Gauge {
        self.recorder.describe_gauge(KeyName::from_const_str(name), Some(unit), text.into());
        self.recorder.register_gauge(&Key::from_static_name(name), &METADATA)
    }

    fn labelled_gauge(&self, name: &'static str, text: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.describe_gauge(KeyName::from_const_str(name), Some(Unit::Count), text.into());
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }
}
