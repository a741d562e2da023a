//! `/modules/{policy}/{metric}/{key}` and `/settings/{policy}/{metric}/{key}`: one module or one setting, all of it.

use axum::extract::{Path, State};
use candor_web::from_segment;
use maud::{Markup, html};

use super::address;
use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::figures;
use super::filters::{self, FilterOptions};
use super::layout::Part;
use super::staff::Staff;
use crate::AppState;
use crate::insights::figures::{Declaration, MODULE_CUSTOMERS, SETTING};
use crate::insights::{Address, Catalogue, KeyOf, MetricOf};

/// What tells the two pages apart.
struct Kind {
    part: Part,
    /// What one of them is called.
    one: &'static str,
    figure: Declaration,
    /// The title of the figure's section.
    section: &'static str,
    address: fn(KeyOf) -> Address,
    /// The metrics that have such keys.
    metrics: fn(&Catalogue) -> Vec<MetricOf>,
}

const MODULE_PAGE: Kind = Kind {
    part: Part::Modules,
    one: "module",
    figure: MODULE_CUSTOMERS,
    section: "Who uses it",
    address: Address::Module,
    metrics: Catalogue::counts,
};

const SETTING_PAGE: Kind = Kind {
    part: Part::Settings,
    one: "setting",
    figure: SETTING,
    section: "How it is set",
    address: Address::Setting,
    metrics: Catalogue::settings,
};

/// Where a page stands: policy, metric and key.
type Place = Path<(String, String, String)>;

/// Shows who uses one module.
pub async fn module(
    state: State<AppState>,
    staff: Staff,
    place: Place,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    page(&MODULE_PAGE, state, staff, place, asked).await
}

/// Shows how one setting is set.
pub async fn setting(
    state: State<AppState>,
    staff: Staff,
    place: Place,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    page(&SETTING_PAGE, state, staff, place, asked).await
}

async fn page(
    kind: &Kind,
    State(state): State<AppState>,
    staff: Staff,
    Path((policy, metric, key)): Place,
    asked: QueryParams,
) -> Result<Markup, Failure> {
    let mut view = ask::view(&state, &asked).await?;
    let [policy, metric, key] = [policy, metric, key].map(|part| from_segment(&part));
    let key = KeyOf { policy, metric, key };
    let is_declared = (kind.metrics)(&view.catalogue).contains(&key.metric_of());
    if !is_declared || !ask::is_reported(&state, &view, &key).await? {
        return Err(Failure::NotFound(format!("{} of that name", kind.one)));
    }
    let path = address::of(&(kind.address)(key.clone()), &Default::default());
    view.question.key = Some(key);
    let [figure] = ask::figures(&state, &staff, &view, [kind.figure]).await?;
    let offered = ask::offered(&state, &view).await?;
    let all = address::with(kind.part.path(), &view.filter.parameters());
    let content = html! {
        div class="head" {
            p class="crumbs" { a href=(all) { (kind.part.title()) } }
            h1 { (figure.title) }
            p class="lead" { (figure.answer) }
        }
        (filters::form(&path, &view, &offered, FilterOptions::default()))
        section class="figure" aria-label=(kind.section) {
            div class="figure-head" { h2 { (kind.section) } (figures::takeaway(&figure, &view)) }
            (figures::long_body(&figure, &view))
        }
    };
    Ok(staff.page(&figure.title, kind.part, &view, content))
}
