//! Figures, as JSON or as a table for a spreadsheet.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, header};
use parvis_proto::tracking::GetFiguresRequest;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    dto::{Figures, Shown as _},
    input::ApiQuery,
};
use crate::{
    auth::SignedIn,
    problem::Problem,
    state::{AppState, answer},
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FiguresQuery {
    /// Premier jour ; absent : il y a 30 jours.
    #[param(example = "2026-10-24")]
    from: String,
    /// Dernier jour, compris ; absent : aujourd’hui.
    #[param(example = "2026-11-22")]
    until: String,
    /// Un seul service, sans ceux qui en dépendent ; absent : tous.
    unit: String,
}

/// Lire les chiffres
///
/// Pour les élus, les responsables et les administrateurs. `Accept: text/csv` donne un tableau
/// `section,code,libelle,mesure,valeur`. Les nombres masqués y valent `moins de 5` : inférieurs à 5, ou tels qu’ils
/// permettraient d’en calculer un.
#[utoipa::path(get, path = "/api/v1/figures", tag = "Connaître la collectivité", security(("bearer" = [])),
    params(FiguresQuery),
    responses((status = 200, description = "Les chiffres", content((Figures = "application/json"),
        (String = "text/csv", example = "section,code,libelle,mesure,valeur\r\ntotal,,,recues,128\r\n")))))]
pub async fn figures(
    State(state): State<AppState>,
    caller: SignedIn,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<FiguresQuery>,
) -> Result<Response, Problem> {
    let request = caller.call(GetFiguresRequest { from: query.from, until: query.until, unit: query.unit });
    let figures: Figures = answer(state.tracking()?.get_figures(request).await)?.shown();
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if accept.split(',').any(|part| part.trim().starts_with("text/csv")) {
        let name = format!("attachment; filename=\"chiffres-{}-{}.csv\"", plain(&figures.from), plain(&figures.until));
        let disposition = HeaderValue::from_str(&name).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
        let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], csv(&figures)).into_response()
    } else {
        Json(figures).into_response()
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    Ok(response)
}

fn plain(day: &str) -> String {
    day.chars().filter(|c| c.is_ascii_digit() || *c == '-').take(10).collect()
}

/// One line a figure (RFC 4180).
pub fn csv(figures: &Figures) -> String {
    let mut table = Table("section,code,libelle,mesure,valeur\r\n".to_owned());
    table.line("periode", "", "", "du", &figures.from);
    table.line("periode", "", "", "au", &figures.until);
    for (name, value) in [
        ("recues", figures.received),
        ("ouvertes", figures.open),
        ("closes", figures.closed),
        ("reponses_immediates", figures.instant_answers),
        ("accusees", figures.acknowledged),
    ] {
        table.line("total", "", "", name, &said(value));
    }
    table.line("total", "", "", "part_reaffectee", &said(figures.share_reassigned));
    for (section, counts) in [("canal", &figures.by_channel), ("theme", &figures.by_theme)] {
        for count in counts {
            table.line(section, &count.code, &count.name, "recues", &said(count.count));
        }
    }
    for unit in &figures.by_unit {
        let measures =
            [("recues", unit.received), ("ouvertes", unit.open), ("closes", unit.closed), ("hors_delai", unit.overdue)];
        for (name, value) in measures {
            table.line("service", &unit.unit, &unit.name, name, &said(value));
        }
    }
    for day in &figures.by_day {
        table.line("jour", &day.day, "", "recues", &said(day.received));
        table.line("jour", &day.day, "", "closes", &said(day.closed));
    }
    let spans = [("affectation", &figures.seconds_to_assignment), ("cloture", &figures.seconds_to_closing)];
    for (section, span) in spans {
        let Some(span) = span else { continue };
        table.line(section, "", "", "nombre", &span.count.to_string());
        table.line(section, "", "", "mediane_secondes", &span.median.to_string());
        table.line(section, "", "", "p90_secondes", &span.p90.to_string());
    }
    table.0
}

/// What stands for a number that is hidden.
pub const HIDDEN: &str = "moins de 5";

fn said<T: ToString>(number: Option<T>) -> String {
    number.map_or_else(|| HIDDEN.to_owned(), |number| number.to_string())
}

struct Table(String);

impl Table {
    fn line(&mut self, section: &str, code: &str, label: &str, measure: &str, value: &str) {
        let cells = [section, code, label, measure, value].map(cell);
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }
}

/// A cell that a spreadsheet does not take for a formula.
fn cell(text: &str) -> String {
    let formula =
        text.starts_with(['=', '+', '@', '\t', '\r']) || text.starts_with('-') && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("État civil, élections"), "\"État civil, élections\"");
        assert_eq!(cell("dit « \"a\" »"), "\"dit « \"\"a\"\" »\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-cmd"), "'-cmd");
        assert_eq!(cell("-1.5"), "-1.5");
        assert_eq!(cell("2026-11-22"), "2026-11-22");
    }
}
