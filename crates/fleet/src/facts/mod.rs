//! What a site would measure for one metric at one moment: by the metric's own declaration, with plausible flavour.
//!
//! Nothing here knows a policy by name. A metric for which nothing plausible is known stays empty; the census says so.

mod counts;
mod devices;
mod flavour;
mod settings;
mod text;
mod usage;

use candor_policy::{Flow, Identifies, Metric, MetricType, Origin, Policy, Releases, TextRule, Usage, Value};

pub(crate) use counts::tables;

use crate::customer::Customer;
use crate::dice::Dice;
use crate::installation::Installation;

/// Who measures, and when.
pub(crate) struct Scene<'a> {
    pub(crate) seed: u64,
    pub(crate) policy: &'a Policy,
    pub(crate) customer: &'a Customer,
    pub(crate) installation: &'a Installation,
    /// Months since the first month's start.
    pub(crate) moment: f64,
    /// The whole simulated time, months.
    pub(crate) months: u32,
    /// The release that runs.
    pub(crate) version: &'a str,
    /// Which of its pseudonymous users the report speaks of.
    pub(crate) user: Option<usize>,
}

/// What a metric comes to.
#[derive(Debug)]
pub(crate) enum Filled {
    Fact(Value),
    Usage(Vec<Usage>),
    Flows(Vec<Flow>),
    /// Nothing of the kind is there.
    Nothing,
}

impl Scene<'_> {
    /// Draws that are the same for this installation whenever it is asked.
    pub(crate) fn dice(&self, what: &str) -> Dice {
        Dice::of(self.seed, &format!("installation {}, {what}", self.installation.index))
    }

    /// Draws that all installations of the customer share.
    pub(crate) fn customer_dice(&self, what: &str) -> Dice {
        Dice::of(self.seed, &format!("customer {}, {what}", self.customer.index))
    }

    /// Draws that are the same for the whole base.
    pub(crate) fn base_dice(&self, what: &str) -> Dice {
        Dice::of(self.seed, &format!("base, {what}"))
    }

    /// Draws of this month alone.
    pub(crate) fn monthly_dice(&self, what: &str) -> Dice {
        let month = self.moment.floor();
        self.dice(&format!("month {month}, user {:?}, {what}", self.user))
    }

    /// How many of the customer's users work on this installation: the first one takes most.
    pub(crate) fn users(&self) -> f64 {
        let share = 1.0 / (1.0 + self.installation.ordinal as f64);
        (self.customer.users * share).max(1.0)
    }
}

/// What a metric comes to at a site.
pub(crate) fn fill(scene: &Scene<'_>, metric: &Metric) -> Filled {
    let fact = match &metric.kind {
        MetricType::Version => text::version(scene, metric).map(Value::Text),
        MetricType::Text(rule) => text::text(scene, metric, rule).map(Value::Text),
        MetricType::Flag => Some(Value::Flag(scene.dice(metric.id.as_str()).chance(0.5))),
        MetricType::Number { minimum, maximum, .. } => Some(number(scene, metric, *minimum, *maximum)),
        MetricType::Count { keys, .. } => Some(Value::Keyed(counts::counts(scene, keys))),
        MetricType::Setting { keys, redaction } => {
            Some(Value::Keyed(settings::settings(scene, metric, keys, redaction)))
        }
        MetricType::Devices { columns } => Some(Value::Rows(devices::devices(scene, columns))),
        MetricType::Usage { dimensions } => return Filled::Usage(usage::usage(scene, metric, dimensions)),
        MetricType::Flow { steps, dimensions } => {
            return Filled::Flows(usage::flows(scene, metric, steps, dimensions));
        }
        MetricType::Identity(identifies) => identity(scene, metric, *identifies).map(Value::Text),
        MetricType::Transport(_) => None,
    };
    fact.map_or(Filled::Nothing, Filled::Fact)
}

/// Whether a metric's value comes out of the product's database.
pub(crate) fn from_database(metric: &Metric) -> bool {
    matches!(
        metric.origin,
        Origin::DatabaseProduct
            | Origin::DatabaseVersion
            | Origin::DatabaseEdition
            | Origin::DatabaseRowCounts { .. }
            | Origin::DatabaseColumns { .. }
            | Origin::DatabaseRows { .. }
            | Origin::DatabaseDevices { .. }
    )
}

fn number(scene: &Scene<'_>, metric: &Metric, minimum: Option<f64>, maximum: Option<f64>) -> Value {
    let low = minimum.unwrap_or(0.0);
    let high = maximum.unwrap_or(low + 1000.0).max(low);
    let median = scene.users().clamp(low, high);
    let drawn = scene.dice(metric.id.as_str()).log_normal(median.max(1.0), 0.5);
    Value::Decimal(drawn.round().clamp(low.ceil(), high.floor().max(low.ceil())))
}

/// What tells a customer from others.
pub(crate) fn customer_text(metric: &Metric, customer: &Customer) -> String {
    if text::mentions(metric, "domain") { customer.domain.clone() } else { customer.number.to_string() }
}

fn identity(scene: &Scene<'_>, metric: &Metric, identifies: Identifies) -> Option<String> {
    match identifies {
        Identifies::Customer => Some(customer_text(metric, scene.customer)),
        Identifies::CustomerName => Some(scene.customer.name.clone()),
        Identifies::User => scene.user.map(|user| pseudonym(scene, user)),
    }
}

/// What a site's keyed hash of a user's name would look like.
fn pseudonym(scene: &Scene<'_>, user: usize) -> String {
    let bytes: [u8; 32] = scene.dice(&format!("user {user}")).bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a policy allows a text.
pub(crate) fn allowed(rule: &TextRule, text: &str) -> bool {
    match rule {
        TextRule::OneOf(values) => values.iter().any(|value| value == text),
        TextRule::Pattern { pattern, longest } => text.len() <= *longest && pattern.is_match(text),
    }
}

/// A release's name as a device's app writes it: without spaces.
pub(crate) fn compact(releases: &Releases, version: &str) -> String {
    releases.of_version(version).map_or_else(|| version.to_owned(), |release| release.name).replace(' ', "-")
}
