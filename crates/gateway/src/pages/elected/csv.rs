//! `/elus/chiffres.csv`: the same figures for a spreadsheet (semicolons and a mark of encoding, as French ones expect).

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use http::header;

use super::{
    READERS,
    figures::{ask, days, named},
    period::{Asked, Period},
};
use crate::{
    api::{dto::Figures, figures::HIDDEN},
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
        csv.line("ensemble", "", measure, &number(value));
    }
    csv.line("ensemble", "", "part réaffectée", &figures.share_reassigned.map_or_else(|| HIDDEN.to_owned(), decimal));
    let delays = [
        ("secondes jusqu'à l'affectation", &figures.seconds_to_assignment),
        ("secondes jusqu'à la clôture", &figures.seconds_to_closing),
    ];
    for (label, delay) in delays {
        if let Some(delay) = delay.as_ref().filter(|delay| delay.count > 0) {
            csv.line("délais", label, "médiane", &decimal(delay.median));
            csv.line("délais", label, "neuf sur dix", &decimal(delay.p90));
        }
    }
    for (day, received, closed) in days(figures) {
        csv.line("jour", &day.to_string(), "reçues", &number(received));
        csv.line("jour", &day.to_string(), "closes", &number(closed));
    }
    for count in &figures.by_channel {
        csv.line("canal", &named(count, format::channel), "reçues", &number(count.count));
    }
    for count in &figures.by_theme {
        csv.line("thème", &named(count, format::theme), "reçues", &number(count.count));
    }
    for unit in &figures.by_unit {
        let measures =
            [("reçues", unit.received), ("ouvertes", unit.open), ("closes", unit.closed), ("en retard", unit.overdue)];
        for (measure, value) in measures {
            csv.line("service", &unit.name, measure, &number(value));
        }
    }
    csv.0
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| HIDDEN.to_owned(), |value| value.to_string())
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
    use parvis_proto::tracking::{self, DayFigures, UnitFigures};

    use super::*;
    use crate::api::dto::Shown as _;

    #[test]
    fn a_spreadsheet_reads_it_and_runs_nothing() {
        let figures = tracking::Figures {
            received: 3,
            by_day: vec![DayFigures { day: "2026-05-01".into(), received: 2, closed: 1, hidden: Vec::new() }],
            by_unit: vec![UnitFigures { name: "=CMD(\"x\");y".into(), received: 1, ..UnitFigures::default() }],
            ..tracking::Figures::default()
        };
        let csv = write(&figures.shown());
        assert!(csv.starts_with('\u{feff}'));
        assert!(csv.contains("jour;2026-05-01;reçues;2\r\n"), "{csv}");
        assert!(csv.contains("service;\"'=CMD(\"\"x\"\");y\";reçues;1"), "{csv}");
        assert!(csv.lines().all(|line| line.contains(';')));
    }

    #[test]
    fn what_is_hidden_says_so() {
        let figures = tracking::Figures {
            hidden: vec!["open".into(), "share_reassigned".into()],
            by_day: vec![DayFigures {
                day: "2026-05-01".into(),
                hidden: vec!["closed".into()],
                ..DayFigures::default()
            }],
            by_channel: vec![tracking::Count { code: "letter".into(), hidden: true, ..tracking::Count::default() }],
            ..tracking::Figures::default()
        };
        let csv = write(&figures.shown());
        for line in ["ouvertes aujourd'hui;moins de 5", "réaffectée;moins de 5", "01;closes;moins de 5", "01;reçues;0"]
        {
            assert!(csv.contains(line), "{line} in {csv}");
        }
        assert_eq!(csv.matches("moins de 5").count(), 4);
    }
}
