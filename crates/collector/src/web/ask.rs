//! From an address to figures: reads the parameters, asks the insights, and writes to the audit log before anything of a
//! customer is shown.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use candor_policy::PolicyReference;

use super::failure::Failure;
use super::staff::Staff;
use crate::AppState;
use crate::insights::customers::shown;
use crate::insights::figures::Declaration;
use crate::insights::{Catalogue, Figure, Filter, KeyOf, Question, Requirable, View, requirements};
use crate::store::insights::{Choices, ColumnsReader, Slice};
use crate::store::{Action, StoreError};

/// An address's parameters. What cannot be read is as good as not there: a page never fails for its filters.
#[derive(Clone, Debug, Default)]
pub struct QueryParams(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for QueryParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Query::try_from_uri(&parts.uri).map_or_else(|_| Self::default(), |Query(pairs)| Self(pairs)))
    }
}

impl QueryParams {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A page's number, from 1.
    fn page(&self) -> usize {
        self.parameter("page").and_then(|page| page.parse().ok()).filter(|page| *page > 0).unwrap_or(1)
    }
}

/// What the published policies declare.
///
/// # Errors
/// [`StoreError`] where the journal fails.
pub async fn catalogue(state: &AppState) -> Result<Catalogue, StoreError> {
    let mut policies = Vec::new();
    for published in state.store.policies().list().await? {
        let named =
            PolicyReference { id: published.id, version: published.version, digest: published.digest };
        match state.policies.find(&state.store, &named).await {
            Ok(known) => policies.push(Arc::new(known.policy.clone())),
            Err(refused) => {
                tracing::error!(?refused, policy = %named.id, "a published policy cannot be read")
            }
        }
    }
    Ok(Catalogue::new(policies))
}

/// The view that an address asks for.
///
/// # Errors
/// [`StoreError`] where the journal fails.
pub async fn view(state: &AppState, asked: &QueryParams) -> Result<View, StoreError> {
    let filter = Filter::read(|name| asked.parameter(name));
    let question = Question::read(|name| asked.parameter(name));
    let catalogue = Arc::new(catalogue(state).await?);
    let view = View::new(filter, question, catalogue, state.clock.now()).on_page(asked.page());
    Ok(view.with_requests(state.store.counters().requests().await?))
}

/// These figures, in order. Those that show customers are in the audit log first.
///
/// # Errors
/// [`Failure`] where either store fails; nothing is then shown.
pub async fn figures<const N: usize>(
    state: &AppState,
    staff: &Staff,
    view: &View,
    asked: [Declaration; N],
) -> Result<[Figure; N], Failure> {
    let of_customers: Vec<&str> = asked
        .iter()
        .filter(|declared| declared.shows_customers(view))
        .map(|declared| declared.name())
        .collect();
    if !of_customers.is_empty() {
        log_look(state, staff, Action::CustomerViewed, &subject(&of_customers.join(", "), view)).await?;
    }
    let view = view.clone();
    let read = move |reader: &ColumnsReader| {
        let mut figures = asked.map(|_| Figure::default());
        for (figure, declared) in figures.iter_mut().zip(asked) {
            *figure = declared.ask(reader, &view)?;
        }
        Ok(figures)
    };
    Ok(state.store.columns().query(read).await?)
}

/// What a filter form offers.
///
/// # Errors
/// [`StoreError`] where the columns fail.
pub async fn offered(state: &AppState, view: &View) -> Result<Choices, StoreError> {
    let slice = view.slice.clone();
    state.store.columns().query(move |reader| reader.choices(&slice)).await
}

/// How the view's customer is called, where it has ever reported, whatever else the view is narrowed to.
///
/// # Errors
/// [`StoreError`] where the columns fail.
pub async fn customer_name(state: &AppState, view: &View) -> Result<Option<String>, StoreError> {
    let filter = Filter { customer: view.filter.customer.clone(), ..Filter::default() };
    let ever = filter.slice(state.clock.now());
    let slice = Slice { vouched: view.slice.vouched.clone(), unverified: view.slice.unverified, ..ever };
    let rows = state.store.columns().query(move |reader| reader.customer_rows(&slice, None)).await?;
    Ok(rows.first().map(|row| shown(&row.key, row.customer_name.as_deref())))
}

/// Whether any installation has ever reported this module or setting.
///
/// # Errors
/// [`StoreError`] where the columns fail.
pub async fn is_reported(state: &AppState, view: &View, key: &KeyOf) -> Result<bool, StoreError> {
    let (slice, key) = (view.slice.clone(), key.clone());
    state.store.columns().query(move |reader| reader.is_reported(&slice, &key)).await
}

/// What could be required.
///
/// # Errors
/// [`StoreError`] where the columns fail.
pub async fn requirable(state: &AppState, view: &View) -> Result<Vec<Requirable>, StoreError> {
    let view = view.clone();
    state.store.columns().query(move |reader| requirements(reader, &view)).await
}

/// Writes to the audit log that somebody looks at customers' data (law 8).
///
/// # Errors
/// [`StoreError`] where the journal fails; nothing may then be shown.
pub async fn log_look(
    state: &AppState,
    staff: &Staff,
    action: Action,
    subject: &str,
) -> Result<(), StoreError> {
    state.store.audit().append(state.clock.now(), staff.name(), action, subject).await
}

/// What was looked at, in the audit log's words, and what it was narrowed to.
pub fn subject(what: &str, view: &View) -> String {
    let narrowed: Vec<String> = view
        .filter
        .parameters()
        .into_iter()
        .chain(view.question.parameters())
        .chain((view.page > 1).then(|| ("page", view.page.to_string())))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if narrowed.is_empty() { what.to_owned() } else { format!("{what}: {}", narrowed.join(", ")) }
}
