//! What an insight is asked: a filter at a moment, the published policies, and what is particular to one question.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Catalogue, Filter, KeyOf, Month, Requirement};
use crate::store::RequestCounts;
use crate::store::insights::Slice;

/// What an insight is asked.
#[derive(Clone)]
pub struct View {
    /// What it is narrowed to, as the address says it.
    pub filter: Filter,
    /// What that stands for now.
    pub slice: Slice,
    /// What the published policies declare.
    pub catalogue: Arc<Catalogue>,
    /// What is particular to one question.
    pub question: Question,
    /// What the journal has counted of requests.
    pub requests: RequestCounts,
    /// The page of a long table, from 1.
    pub page: usize,
}

/// What is particular to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The least that would be required.
    pub require: Option<Requirement>,
    /// The module or setting that is meant.
    pub key: Option<KeyOf>,
    /// What names must contain.
    pub search: Option<String>,
}

impl View {
    /// A view at a moment.
    pub fn new(filter: Filter, question: Question, catalogue: Arc<Catalogue>, now: Timestamp) -> Self {
        let slice = Slice { vouched: catalogue.vouched(), ..filter.slice(now) };
        Self { filter, slice, catalogue, question, requests: RequestCounts::default(), page: 1 }
    }

    /// The same view, with what the journal has counted of requests.
    pub fn with_requests(mut self, requests: RequestCounts) -> Self {
        self.requests = requests;
        self
    }

    /// The same view, on a page of a long table.
    pub fn on_page(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// Whether it may speak of few customers, or of one: narrowed to a customer or a version, to one module or setting, or to
    /// what is searched for. A look at it is then a look at customers' data, whatever the figure.
    pub fn is_narrowed(&self) -> bool {
        self.filter.customer.is_some()
            || self.filter.version.is_some()
            || self.question.key.is_some()
            || self.question.search.is_some()
    }

    /// The same view, without the months before the first report: nothing is known of them, which is not zero.
    pub(super) fn since(&self, first: Option<Month>) -> Self {
        let mut view = self.clone();
        if let Some(first) = first.filter(|first| *first <= view.slice.through) {
            view.slice.from = view.slice.from.max(first);
        }
        view
    }

    /// The same view, narrowed to one customer.
    pub fn of_customer(mut self, key: &str) -> Self {
        self.filter.customer = Some(key.to_owned());
        self.slice.customer = Some(key.to_owned());
        self
    }
}

impl Question {
    /// Reads a question from an address's parameters.
    pub fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text =
            |name: &str| parameter(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
        let key = (text("policy"), text("metric"), text("key"));
        Self {
            require: text("require").and_then(|text| Requirement::parse(&text)),
            key: match key {
                (Some(policy), Some(metric), Some(key)) => Some(KeyOf { policy, metric, key }),
                _ => None,
            },
            search: text("search"),
        }
    }

    /// What is set, as parameters of an address.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if let Some(require) = &self.require {
            parameters.push(("require", require.to_string()));
        }
        if let Some(key) = &self.key {
            parameters.push(("policy", key.policy.clone()));
            parameters.push(("metric", key.metric.clone()));
            parameters.push(("key", key.key.clone()));
        }
        if let Some(search) = &self.search {
            parameters.push(("search", search.clone()));
        }
        parameters
    }
}
