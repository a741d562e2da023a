//! Requests that the collector refused, and reports that came twice: what law 7 counts and no report carries.
//!
//! It reads the journal's counters, which the view brings along; who sent what was refused is not known, so no filter applies.

use candor_policy::{ProblemCode, Retry};

use super::words::{counted, grouped};
use super::{Cell, Figure, Table, View};
use crate::store::insights::ColumnsReader;
use crate::store::{RequestCounts, StoreError};

/// Requests refused, by reason, and repeats.
pub(super) fn refusals(_: &ColumnsReader, view: &View) -> Result<Figure, StoreError> {
    Ok(refusals_of(&view.requests))
}

fn refusals_of(requests: &RequestCounts) -> Figure {
    let mut refused: Vec<(&str, u64)> = requests
        .refused
        .iter()
        .map(|(code, count)| (code.as_str(), *count))
        .filter(|(_, count)| *count > 0)
        .collect();
    refused.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
    let mut table = Table::new(["Reason", "Requests#", "What the sender does", "Code"]);
    for (word, count) in &refused {
        let code = ProblemCode::ALL.iter().copied().find(|code| code.word() == *word);
        table.push(vec![
            Cell::text(code.map_or(*word, |code| code.title())),
            Cell::Count(signed(*count)),
            code.map_or(Cell::Missing, |code| Cell::text(next_step(code.retry()))),
            Cell::text(*word),
        ]);
    }
    if requests.repeated > 0 {
        table.push(vec![
            Cell::text("Accepted before: kept once, and acknowledged again"),
            Cell::Count(signed(requests.repeated)),
            Cell::text("has its receipt"),
            Cell::text("duplicate"),
        ]);
    }
    Figure {
        title: "Requests refused, and repeats".to_owned(),
        answer: answer(&refused, requests.repeated),
        caption: "Counted since this collector first started, whoever sent them: a refused request is not believed, so \
                  neither the filter nor a customer applies. Counts arrive here within a minute."
            .to_owned(),
        table,
        ..Figure::default()
    }
}

fn next_step(retry: Retry) -> &'static str {
    match retry {
        Retry::Later => "keeps the report and sends it again later",
        Retry::AfterEnrolment => "enrols its key, then sends it again",
        Retry::Never => "sets it aside for its administrator",
    }
}

fn answer(refused: &[(&str, u64)], repeated: u64) -> String {
    let repeats = match repeated {
        0 => "No report came twice.".to_owned(),
        _ => format!(
            "{}.",
            counted(
                size(repeated),
                "report came twice and was kept once",
                "reports came twice and were kept once"
            )
        ),
    };
    let Some((code, most)) = refused.first() else {
        return format!("No request has been refused. {repeats}");
    };
    let all = refused.iter().map(|(_, count)| count).sum();
    format!(
        "{} refused, {} of them as {code}. {repeats}",
        counted(size(all), "request was", "requests were"),
        grouped(signed(*most)),
    )
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::rows;
    use super::*;

    fn figure(refused: &[(&str, u64)], repeated: u64) -> Figure {
        let refused = refused.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect();
        refusals_of(&RequestCounts { refused, repeated })
    }

    #[test]
    fn every_refusal_is_shown_the_most_frequent_first() {
        let figure = figure(&[("too-large", 2), ("clock-skew", 1200), ("of-a-later-release", 1)], 3);
        assert_eq!(
            figure.answer,
            "1,203 requests were refused, 1,200 of them as clock-skew. 3 reports came twice and were kept once."
        );
        assert_eq!(
            rows(&figure, 4),
            [
                "The sender's clock is off|1200|keeps the report and sends it again later|clock-skew",
                "The body is too large|2|sets it aside for its administrator|too-large",
                "of-a-later-release|1||of-a-later-release",
                "Accepted before: kept once, and acknowledged again|3|has its receipt|duplicate",
            ]
        );
    }

    #[test]
    fn nothing_to_show_is_good_news() {
        assert_eq!(figure(&[], 0).answer, "No request has been refused. No report came twice.");
        assert_eq!(
            figure(&[], 1).answer,
            "No request has been refused. 1 report came twice and was kept once."
        );
    }
}
