//! One pass over a policy's database metrics, by where each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use candor_policy::redact::{Redacting, apply_to_cell};
use candor_policy::{Entry, KeyPattern, Metric, MetricType, Origin, Policy, Reason, SourceId, Value};

use super::keyed::Rules;
use super::names::found_reveals;
use super::{Progress, SiteKey, options, settings_table};
use crate::database::{
    self, Connection, DatabaseSettings, Failure, Gathered, Table, TableKind, is_database_fact, limits, named,
    reported,
};

/// What a snapshot is to gather.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The policy, narrowed to what this site allows.
    pub policy: &'a Policy,
    /// The process that gathers.
    pub source: &'a SourceId,
    /// The product's version.
    pub version: &'a str,
    /// Keys the site's hashes.
    pub site_key: &'a SiteKey,
    /// Whether it may still be gathered; asked before each table, so that a denial stops the reading too.
    pub allowed: &'a dyn Fn() -> bool,
}

/// Gathers what the policy wants of the product's database. Whatever fails is among what was not measured; this function
/// itself cannot fail.
pub fn gather(
    request: &Request<'_>,
    settings: &DatabaseSettings,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Gathered {
    let mut gathered = Gathered::default();
    let metrics: Vec<&Metric> = request
        .policy
        .gathered(request.source, request.version)
        .filter(|metric| is_of_database(metric))
        .collect();
    if metrics.is_empty() {
        return gathered;
    }
    let done = database::run(async {
        let began = Instant::now();
        let opened = open(settings).await;
        match opened {
            Ok((connection, tables)) => {
                let mut gatherer =
                    Gatherer { connection, tables, settings, began, request, gathered: &mut gathered };
                gatherer.all(&metrics, progress).await;
            }
            Err(failure) => nothing_measured(&mut gathered, &metrics, &failure),
        }
    });
    if let Err(failure) = done {
        nothing_measured(&mut gathered, &metrics, &failure);
    }
    gathered
}

fn is_of_database(metric: &Metric) -> bool {
    is_database_fact(&metric.origin)
        || matches!(
            metric.origin,
            Origin::DatabaseRowCounts { .. }
                | Origin::DatabaseColumns { .. }
                | Origin::DatabaseRows { .. }
                | Origin::DatabaseDevices { .. }
        )
}

async fn open(settings: &DatabaseSettings) -> Result<(Connection, Vec<Table>), Failure> {
    let mut connection = Connection::open(settings).await?;
    let tables = connection.tables().await?;
    Ok((connection, tables))
}

/// The administrator is told once; the report names each metric.
fn nothing_measured(gathered: &mut Gathered, metrics: &[&Metric], failure: &Failure) {
    for (index, metric) in metrics.iter().enumerate() {
        match index {
            0 => gathered.miss(&metric.id, None, failure),
            _ => gathered.miss_quietly(&metric.id, None, failure.reason),
        }
    }
}

struct Gatherer<'a> {
    connection: Connection,
    tables: Vec<Table>,
    settings: &'a DatabaseSettings,
    began: Instant,
    request: &'a Request<'a>,
    gathered: &'a mut Gathered,
}

impl Gatherer<'_> {
    async fn all(&mut self, metrics: &[&Metric], progress: &mut dyn FnMut(Progress<'_>)) {
        for (index, metric) in metrics.iter().enumerate() {
            if !(self.request.allowed)() {
                return;
            }
            progress(Progress { title: &metric.title, number: index + 1, of: metrics.len() });
            self.metric(metric).await;
        }
    }

    async fn metric(&mut self, metric: &Metric) {
        match &metric.origin {
            Origin::DatabaseRowCounts { tables } => self.row_counts(metric, tables).await,
            Origin::DatabaseColumns { tables } => self.option_tables(metric, tables).await,
            Origin::DatabaseRows { table, key_column, value_column } => {
                self.settings_table(metric, table, (key_column, value_column)).await;
            }
            Origin::DatabaseDevices { table, columns } => self.devices(metric, table, columns).await,
            Origin::DatabaseProduct | Origin::DatabaseVersion | Origin::DatabaseEdition => {
                let facts = match self.may_go_on() {
                    Ok(()) => self.connection.facts().await,
                    Err(failure) => Err(failure),
                };
                database::answer(self.gathered, &[metric], facts);
            }
            Origin::ApplicationName
            | Origin::ApplicationVersion
            | Origin::OsVersion
            | Origin::OsLocale
            | Origin::Given
            | Origin::Recorded
            | Origin::Connection => {}
        }
    }

    async fn row_counts(&mut self, metric: &Metric, patterns: &[KeyPattern]) {
        let mut counts = BTreeMap::new();
        for (table, name, _) in self.matching(metric, patterns) {
            let counted = match self.may_go_on() {
                Ok(()) => self.connection.row_count(&table).await,
                Err(failure) => Err(failure),
            };
            match counted {
                Ok(count) => drop(counts.insert(name, Entry::Integer(count))),
                Err(failure) => self.gathered.miss(&metric.id, Some(&name), &failure),
            }
        }
        self.keep(metric, counts);
    }

    async fn option_tables(&mut self, metric: &Metric, patterns: &[KeyPattern]) {
        let site_key = self.request.site_key;
        let Some(rules) = Rules::of(metric, site_key) else { return };
        let mut entries = BTreeMap::new();
        for (table, name, pattern) in self.matching(metric, patterns) {
            let read = match self.may_go_on() {
                Ok(()) => {
                    options::read(&mut self.connection, (&table, &name, pattern), &rules, &mut entries).await
                }
                Err(failure) => Err(failure),
            };
            for failure in read.unwrap_or_else(|failure| vec![failure]) {
                self.gathered.miss(&metric.id, Some(&name), &failure);
            }
        }
        self.keep(metric, entries);
    }

    async fn settings_table(&mut self, metric: &Metric, name: &str, columns: (&str, &str)) {
        let site_key = self.request.site_key;
        let Some(rules) = Rules::of(metric, site_key) else { return };
        let read = match self.one_table(name) {
            Ok(table) => settings_table::read(&mut self.connection, &table, columns, &rules).await,
            Err(failure) => Err(failure),
        };
        match read {
            Ok((entries, missing)) => {
                for failure in missing {
                    self.gathered.miss(&metric.id, Some(name), &failure);
                }
                self.gathered.facts.insert(metric.id.to_string(), Value::Keyed(entries));
            }
            Err(failure) => self.gathered.miss(&metric.id, Some(name), &failure),
        }
    }

    async fn devices(&mut self, metric: &Metric, name: &str, columns: &[String]) {
        let MetricType::Devices { columns: titles } = &metric.kind else { return };
        let counted = match self.one_table(name) {
            Ok(table) => self.counted_devices(&table, columns).await,
            Err(failure) => Err(failure),
        };
        let mut counted = match counted {
            Ok(counted) => counted,
            Err(failure) => return self.gathered.miss(&metric.id, Some(name), &failure),
        };
        if counted.len() > limits::DEVICE_ROWS {
            let what = format!(
                "{name} holds more than {} kinds of devices; the commonest were counted",
                limits::DEVICE_ROWS
            );
            self.gathered.miss(&metric.id, Some(name), &Failure::new(Reason::Failed, what));
            counted.truncate(limits::DEVICE_ROWS);
        }
        let rows = device_rows(titles, counted);
        self.gathered.facts.insert(metric.id.to_string(), Value::Rows(rows));
    }

    async fn counted_devices(
        &mut self,
        table: &Table,
        columns: &[String],
    ) -> Result<Vec<database::DeviceCount>, Failure> {
        let known = self.connection.columns(table).await?;
        let columns: Result<Vec<_>, _> =
            columns.iter().map(|name| settings_table::column(&known, table, name).cloned()).collect();
        self.connection.devices(table, &columns?).await
    }

    /// The tables that patterns cover, each once, with the names that they are reported under. What is not there is named:
    /// a table by its own name, a pattern that covers nothing by its metric.
    fn matching<'p>(
        &mut self,
        metric: &Metric,
        patterns: &'p [KeyPattern],
    ) -> Vec<(Table, String, &'p KeyPattern)> {
        let mut found = Vec::new();
        let mut taken = BTreeSet::new();
        for pattern in patterns {
            let covered: Vec<Table> = match pattern.literal() {
                Some(name) => {
                    let found = named(&self.tables, name).cloned();
                    if found.is_none() {
                        self.gathered.miss(&metric.id, Some(name), &no_table(name));
                    }
                    found.into_iter().collect()
                }
                None => self.found_by(metric, pattern),
            };
            for table in covered {
                let name = reported(&table.name, pattern);
                if taken.insert(name.clone()) {
                    found.push((table, name, pattern));
                }
            }
        }
        found
    }

    /// The tables that a pattern finds. Their names are the site's to choose, so those that reveal something are left out.
    fn found_by(&mut self, metric: &Metric, pattern: &KeyPattern) -> Vec<Table> {
        let matching = self
            .tables
            .iter()
            .filter(|table| table.kind() == TableKind::Ordinary && pattern.matches(&table.name));
        let (revealing, found): (Vec<Table>, Vec<Table>) =
            matching.cloned().partition(|table| found_reveals(&table.name, pattern));
        if revealing.is_empty() && found.is_empty() {
            self.gathered.miss(&metric.id, None, &no_table(pattern.as_str()));
        }
        if !revealing.is_empty() {
            let what = format!(
                "{} table(s) that `{}` covers have names that hold an address, a path or a secret; they were left out",
                revealing.len(),
                pattern.as_str()
            );
            self.gathered.miss(&metric.id, Some(pattern.as_str()), &Failure::new(Reason::Failed, what));
        }
        found
    }

    fn one_table(&self, name: &str) -> Result<Table, Failure> {
        self.may_go_on()?;
        named(&self.tables, name).cloned().ok_or_else(|| no_table(name))
    }

    /// The whole snapshot has an end, however many queries are within their own limits; and a denial ends it at once.
    fn may_go_on(&self) -> Result<(), Failure> {
        if !(self.request.allowed)() {
            let what = "consent was decided anew while the database was read; the rest was not read";
            return Err(Failure::new(Reason::Failed, what));
        }
        if self.began.elapsed() < self.settings.total_timeout {
            return Ok(());
        }
        let seconds = self.settings.total_timeout.as_secs();
        let what = format!("the snapshot took longer than {seconds} s; what was left of it was not read");
        Err(Failure::new(Reason::TimedOut, what))
    }

    /// Keeps a keyed value; one without any key says nothing that "not measured" does not say better.
    fn keep(&mut self, metric: &Metric, entries: BTreeMap<String, Entry>) {
        if !entries.is_empty() {
            self.gathered.facts.insert(metric.id.to_string(), Value::Keyed(entries));
        }
    }
}

fn no_table(name: &str) -> Failure {
    let advice = "the login may not see it, or this version of the product does not have it; for PostgreSQL, check the search path";
    Failure::new(Reason::TableMissing, format!("there is no table {name}: {advice}"))
}

/// Devices as rows. A cell that reveals something is "in use", and what then is the same is one row.
fn device_rows(titles: &[String], counted: Vec<database::DeviceCount>) -> Vec<BTreeMap<String, Entry>> {
    let mut kinds: Vec<(Vec<Entry>, i64)> = Vec::new();
    for device in counted {
        let cells = titles.iter().zip(device.values).map(|(title, cell)| match apply_to_cell(title, cell) {
            Redacting::Kept(cell) | Redacting::Rewritten(cell) => cell,
            Redacting::Omitted => Entry::Unset,
        });
        let cells: Vec<Entry> = cells.collect();
        match kinds.iter_mut().find(|(known, _)| *known == cells) {
            Some((_, count)) => *count += device.count,
            None => kinds.push((cells, device.count)),
        }
    }
    let row = |(cells, count): (Vec<Entry>, i64)| {
        let count = ("count".to_owned(), Entry::Integer(count));
        titles.iter().cloned().zip(cells).chain([count]).collect()
    };
    kinds.into_iter().map(row).collect()
}
