//! `/figures/{name}.csv` and `.json`: a figure's numbers, for the same parameters as the page that it stands on.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use candor_web::figure;
use serde_json::Value;

use super::ask::{self, QueryParams};
use super::failure::Failure;
use super::staff::Staff;
use crate::AppState;
use crate::insights::{Figure, View, figures};
use crate::store::{Action, StoreError};

/// Gives a figure's file. Taking data out is logged before it is given.
pub async fn file(
    State(state): State<AppState>,
    staff: Staff,
    Path(file): Path<String>,
    asked: QueryParams,
) -> Result<Response, Failure> {
    let unknown = || Failure::NotFound("figure of that name".to_owned());
    let (name, ending) = file.rsplit_once('.').ok_or_else(unknown)?;
    let declared = figures::find(name).ok_or_else(unknown)?;
    if !matches!(ending, "csv" | "json") {
        return Err(unknown());
    }
    let view = ask::view(&state, &asked).await?;
    ask::log_look(&state, &staff, Action::Exported, &ask::subject(&file, &view)).await?;
    let asked = view.clone();
    let figure = state.store.columns().query(move |reader| declared.ask(reader, &asked)).await?;
    if ending == "json" {
        return Ok(axum::Json(as_json(&figure, &view)).into_response());
    }
    let bytes = figure::csv_file(&figure).map_err(|error| StoreError::Unreadable(error.to_string()))?;
    let named = format!("attachment; filename=\"{name}-{}.csv\"", view.slice.through);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, named)];
    Ok((headers, bytes).into_response())
}

/// The figure's numbers, and the months that they were asked for.
fn as_json(figure: &Figure, view: &View) -> Value {
    let mut json = figure::json(figure);
    json["from"] = view.slice.from.to_string().into();
    json["to"] = view.slice.through.to_string().into();
    json
}
