//! A case as a line of a table.

use askama::Template;
use jiff::{civil::Date, tz::TimeZone};
use parvis_proto::casework::Case;
use url::form_urlencoded::Serializer;

use crate::pages::{
    format::{self, instant},
    page::Desk,
};

/// Days before a due date when it is shown as near.
const NEAR_DAYS: i32 = 2;

/// The line.
pub struct CaseRow {
    /// Its reference.
    pub reference: String,
    /// What it is about.
    pub title: String,
    /// Who asks.
    pub requester: String,
    /// Its state, to read.
    pub state: String,
    /// The tone of its state.
    pub tone: &'static str,
    /// High or urgent; empty otherwise.
    pub priority: String,
    /// The tone of its priority.
    pub priority_tone: &'static str,
    /// The service.
    pub unit: String,
    /// The agent; empty: in the queue.
    pub agent: String,
    /// By which door.
    pub channel: String,
    /// When it came.
    pub received: String,
    /// By when to answer; empty: no date.
    pub due: String,
    /// `late`, `near` or nothing.
    pub due_class: &'static str,
    /// The citizen wrote since an agent last opened it.
    pub unread: bool,
}

impl CaseRow {
    /// Of a case, today.
    pub fn new(case: Case, today: Date, zone: &TimeZone) -> Self {
        let open = !matches!(case.state.as_str(), "closed" | "decided");
        let (due, due_class) = if open { due(&case, today) } else { (String::new(), "") };
        let urgent = matches!(case.priority.as_str(), "high" | "urgent");
        Self {
            state: format::state(&case.state).to_owned(),
            tone: format::state_tone(&case.state),
            priority: if urgent { format::priority(&case.priority).to_owned() } else { String::new() },
            priority_tone: if case.priority == "urgent" { "urgent" } else { "high" },
            channel: format::channel(&case.channel).to_owned(),
            received: format::month_day(format::day_of(instant(case.received_at.as_ref()), zone)),
            reference: case.reference,
            title: case.title,
            requester: if case.requester_name.is_empty() { "Sans nom".to_owned() } else { case.requester_name },
            unit: case.unit_name,
            agent: case.agent_name,
            due,
            due_class,
            unread: case.unread,
        }
    }

    /// Whether its answer is late or nearly.
    pub fn presses(&self) -> bool {
        !self.due_class.is_empty()
    }
}

/// The nearest of the two dates, said with what it is, and how it presses.
pub fn due(case: &Case, today: Date) -> (String, &'static str) {
    let service = format::parse_day(&case.service_due_on).map(|day| (day, "promis"));
    let legal = format::parse_day(&case.legal_due_on).map(|day| (day, "légal"));
    let Some((day, what)) = [service, legal].into_iter().flatten().min_by_key(|(day, _)| *day) else {
        return (String::new(), "");
    };
    let left = (day - today).get_days();
    let text = match left {
        ..0 => format!("{} ({what}), dépassé", format::month_day(day)),
        0 => format!("aujourd'hui ({what})"),
        1 => format!("demain ({what})"),
        _ => format!("{} ({what})", format::month_day(day)),
    };
    (
        text,
        if left < 0 {
            "late"
        } else if left <= NEAR_DAYS {
            "near"
        } else {
            ""
        },
    )
}

/// A table of cases.
#[derive(Template)]
#[template(path = "agent/cases_table.html")]
pub struct CasesTable {
    /// What the table shows.
    pub caption: String,
    /// Said when it is empty.
    pub empty: String,
    /// Whether a heading just above says it already.
    pub under_heading: bool,
    /// Whether the service and the agent are shown.
    pub with_handler: bool,
    /// Its lines.
    pub rows: Vec<CaseRow>,
}

/// The lines of these cases, today.
pub fn rows(desk: &Desk, cases: Vec<Case>) -> Vec<CaseRow> {
    let zone = desk.page.zone();
    let today = format::day_of(desk.page.now(), &zone);
    cases.into_iter().map(|case| CaseRow::new(case, today, &zone)).collect()
}

/// The address of a list with these filters, without those that are empty.
pub fn filtered(path: &str, filters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(filters.iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_nearest_date_counts_and_says_which_it_is() {
        let today = date(2026, 5, 10);
        let case = |service: &str, legal: &str| Case {
            service_due_on: service.into(),
            legal_due_on: legal.into(),
            ..Case::default()
        };
        assert_eq!(due(&case("", ""), today), (String::new(), ""));
        assert_eq!(due(&case("2026-05-20", "2026-07-01"), today), ("20 mai (promis)".into(), ""));
        assert_eq!(due(&case("2026-05-20", "2026-05-11"), today), ("demain (légal)".into(), "near"));
        assert_eq!(due(&case("2026-05-01", ""), today), ("1er mai (promis), dépassé".into(), "late"));
        // A month away in days, not in months and days.
        assert_eq!(due(&case("2026-06-10", ""), today).1, "");
    }

    #[test]
    fn a_closed_case_is_never_late() {
        let case = Case { state: "closed".into(), service_due_on: "2020-01-01".into(), ..Case::default() };
        assert!(!CaseRow::new(case, date(2026, 5, 10), &TimeZone::UTC).presses());
    }
}
