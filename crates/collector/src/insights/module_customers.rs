//! Who uses one module: the customers whom to ask about it.

use super::customers::day;
use super::limits::{ACTIVE_MONTHS, SILENCE_DAYS};
use super::words::{customers, grouped, shortened};
use super::{Address, Cell, Coverage, Figure, KeyOf, Table, View, coverage};
use crate::store::StoreError;
use crate::store::insights::{ColumnsReader, ModuleUse, Use};

/// Every installation of which the module's records are known.
pub(super) fn module_customers(reader: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    let Some(key) = &view.question.key else {
        return Ok(figure(None, &[], Coverage::default(), view));
    };
    let metrics = [key.metric_of()];
    let uses = reader.module_uses(&view.slice, key, ACTIVE_MONTHS)?;
    Ok(figure(Some(key), &uses, coverage::of(reader, view, &metrics)?, view))
}

fn figure(key: Option<&KeyOf>, uses: &[ModuleUse], coverage: Coverage, view: &View) -> Figure {
    let before = format!("Records {}#", view.slice.through.plus(-ACTIVE_MONTHS));
    let titles = ["Customer", "Installation", "Use", "Records#", &before, "Growth#", "Last said"];
    let mut table = Table::new(titles);
    let mut ordered: Vec<&ModuleUse> = uses.iter().collect();
    ordered.sort_by(|one, other| one.kind.cmp(&other.kind).then(other.records.total_cmp(&one.records)));
    for one in &ordered {
        table.push(vec![
            Cell::Link {
                text: super::customers::shown(&one.customer, one.customer_name.as_deref()),
                to: Address::Customer(one.customer.clone()),
            },
            Cell::text(shortened(&one.name)),
            Cell::text(one.kind.title()),
            Cell::Number(one.records),
            one.before.map_or(Cell::Missing, Cell::Number),
            one.before
                .filter(|before| *before > 0.0)
                .map_or(Cell::Missing, |before| Cell::Change(one.records / before - 1.0)),
            Cell::Day(day(one.last)),
        ]);
    }
    Figure {
        title: key.map_or("A module".to_owned(), |key| key.key.clone()),
        answer: answer(key, uses),
        caption: format!(
            "Best candidates to interview about an enhancement come first: their records grew within \
             {ACTIVE_MONTHS} months. Too new to tell: how many records there were {ACTIVE_MONTHS} months before is not known. \
             Silent: nothing has been heard for {SILENCE_DAYS} days; the records are those of the last day that is named."
        ),
        coverage: Some(coverage),
        table,
        empty: "No installation has reported this module's records in these months.".to_owned(),
        ..Figure::default()
    }
}

fn answer(key: Option<&KeyOf>, uses: &[ModuleUse]) -> String {
    let Some(key) = key else { return "Choose a module.".to_owned() };
    let of = |kind: Use| {
        let mut who: Vec<&str> =
            uses.iter().filter(|one| one.kind == kind).map(|one| one.customer.as_str()).collect();
        who.sort_unstable();
        who.dedup();
        who.len()
    };
    if uses.is_empty() {
        return format!("No installation has {} in these months.", key.key);
    }
    if uses.iter().all(|one| one.kind == Use::Silent) {
        let last = uses.iter().map(|one| one.last).max().unwrap_or_default();
        return format!(
            "Only silent installations had {}: {}, last heard from on {}.",
            key.key,
            customers(of(Use::Silent)),
            day(last),
        );
    }
    let verb = if of(Use::Active) == 1 { "uses" } else { "use" };
    let mut parts = vec![
        format!("{} only have records of it", grouped(of(Use::OnlyRecords) as i64)),
        format!("at {} it is empty", grouped(of(Use::Empty) as i64)),
    ];
    for (kind, what) in [(Use::TooNew, "too new to tell"), (Use::Silent, "silent")] {
        match of(kind) {
            0 => {}
            1 => parts.push(format!("1 is {what}")),
            many => parts.push(format!("{} are {what}", grouped(many as i64))),
        }
    }
    format!("{} actively {verb} {}; {}.", customers(of(Use::Active)), key.key, parts.join(", "))
}
