//! `/elus/chiffres.csv`: the same figures for a spreadsheet (semicolons and a mark of encoding, as French ones expect).

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::header;
use parvis_proto::tracking::Figures;

use super::{
    READERS,
    figures::{ask, days, named},
    period::{Asked, Period},
};
use crate::{
    pages::{format, page::Desk},
    problem::Problem,
};

/// The file.
pub async fn download(desk: Desk, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    desk.require(&READERS)?;
    let today = format::day_of(desk.page.now(), &desk.page.zone());
    let (period, wrong) = Period::read(&asked, today);
    if let Some((_, text)) = wrong {
        return Err(Problem::syntax(text));
    }
    let figures = ask(&desk, period, &asked.service).await?;
    let name = format!("attachment; filename=\"chiffres-{}-{}.csv\"", period.from, period.until);
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, write(&figures)).into_response())
}

fn write(figures: &Figures) -> String {
    let mut csv = Csv("\u{feff}rubrique;libellé;mesure;valeur\r\n".to_owned());
    let totals = [
        ("reçues", figures.received),
        ("ouvertes aujourd'hui", figures.open),
        ("closes", figures.closed),
        ("réponses immédiates", figures.instant_answers),
        ("accusés de réception", figures.acknowledged),
    ];
    for (measure, value) in totals {
        csv.line("ensemble", "", measure, &value.to_string());
    }
    csv.line("ensemble", "", "part réaffectée", &decimal(figures.share_reassigned));
    let delays = [
        ("secondes jusqu'à l'affectation", &figures.seconds_to_assignment),
        ("secondes jusqu'à la clôture", &figures.seconds_to_closing),
    ];
    for (label, delay) in delays {
        if let Some(delay) = delay.filter(|delay| delay.count > 0) {
            csv.line("délais", label, "médiane", &decimal(delay.median));
            csv.line("délais", label, "neuf sur dix", &decimal(delay.p90));
        }
    }
    for (day, received, closed) in days(figures) {
        csv.line("jour", &day.to_string(), "reçues", &received.to_string());
        csv.line("jour", &day.to_string(), "closes", &closed.to_string());
    }
    for count in &figures.by_channel {
        csv.line("canal", &named(count, format::channel), "reçues", &count.count.to_string());
    }
    for count in &figures.by_theme {
        csv.line("thème", &named(count, format::theme), "reçues", &count.count.to_string());
    }
    for unit in &figures.by_unit {
        let measures =
            [("reçues", unit.received), ("ouvertes", unit.open), ("closes", unit.closed), ("en retard", unit.overdue)];
        for (measure, value) in measures {
            csv.line("service", &unit.name, measure, &value.to_string());
        }
    }
    csv.0
}

fn decimal(value: f64) -> String {
    format!("{value:.3}").replace('.', ",")
}

struct Csv(String);

impl Csv {
    fn line(&mut self, section: &str, label: &str, measure: &str, value: &str) {
        let cells = [section, label, measure, value].map(cell);
        self.0.push_str(&cells.join(";"));
        self.0.push_str("\r\n");
    }
}

/// A cell: quoted where needed; a spreadsheet must never take a name for a formula.
fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([';', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use parvis_proto::tracking::{DayFigures, UnitFigures};

    use super::*;

    #[test]
    fn a_spreadsheet_reads_it_and_runs_nothing() {
        let figures = Figures {
            received: 3,
            by_day: vec![DayFigures { day: "2026-05-01".into(), received: 2, closed: 1 }],
            by_unit: vec![UnitFigures { name: "=CMD(\"x\");y".into(), received: 1, ..UnitFigures::default() }],
            ..Figures::default()
        };
        let csv = write(&figures);
        assert!(csv.starts_with('\u{feff}'));
        assert!(csv.contains("jour;2026-05-01;reçues;2\r\n"), "{csv}");
        assert!(csv.contains("service;\"'=CMD(\"\"x\"\");y\";reçues;1"), "{csv}");
        assert!(csv.lines().all(|line| line.contains(';')));
    }
}
