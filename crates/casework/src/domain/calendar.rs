//! The clocks of a case: the law's, the town's promise, and the next date on which somebody must look at it.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use parvis_calendar::{HolidayZone, add_months_clamped, add_working_days, is_working_day};
use parvis_proto::common::ProcedureSnapshot;

use super::{
    case::Case,
    words::{Priority, State},
};

/// Working days after which a case that no date wakes, or that waits for its citizen, is looked at again.
const REVIEW_DAYS: u32 = 10;

/// A town's days.
#[derive(Clone, Debug)]
pub struct TownCalendar {
    /// When its days begin.
    pub time_zone: TimeZone,
    /// Its public holidays.
    pub holidays: HolidayZone,
}

impl TownCalendar {
    /// The day on which `at` falls.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.time_zone.clone()).date()
    }

    /// The instant at which `day` begins.
    pub fn start_of(&self, day: Date) -> Timestamp {
        day.to_zoned(self.time_zone.clone()).map_or(Timestamp::MAX, |start| start.timestamp())
    }

    /// The day of the implicit decision (CRPA L231-1, L231-4, L231-6): same day of the month, clamped to its end. It
    /// arises once that whole day has passed.
    pub fn legal_due(&self, received_at: Timestamp, procedure: &ProcedureSnapshot) -> Option<Date> {
        if !matches!(procedure.silence.as_str(), "accept" | "reject") || procedure.silence_months == 0 {
            return None;
        }
        let months = i32::try_from(procedure.silence_months).unwrap_or(i32::MAX);
        Some(add_months_clamped(self.day_of(received_at), months))
    }

    /// The day promised by the town, counted in working days from `from`.
    pub fn service_due(&self, from: Timestamp, procedure: &ProcedureSnapshot) -> Option<Date> {
        (procedure.service_level_days > 0)
            .then(|| add_working_days(self.day_of(from), procedure.service_level_days, self.holidays))
    }

    /// `due`, moved on by the working days that passed from `since` to `until`: the promise does not run while the
    /// citizen is waited for.
    pub fn paused(&self, due: Date, since: Timestamp, until: Timestamp) -> Date {
        let (mut day, last) = (self.day_of(since), self.day_of(until));
        let mut passed = 0;
        while day < last {
            let Ok(tomorrow) = day.tomorrow() else { break };
            day = tomorrow;
            passed += u32::from(is_working_day(day, self.holidays));
        }
        add_working_days(due, passed, self.holidays)
    }

    /// When the promise is broken: the day after it, at its first instant.
    pub fn overdue_from(&self, service_due: Date) -> Timestamp {
        self.start_of(service_due.saturating_add(1.day()))
    }

    /// When the agent's legal target day begins: the day before the implicit decision.
    pub fn legal_target(&self, legal_due: Date) -> Timestamp {
        self.start_of(legal_due.saturating_sub(1.day()))
    }

    /// When a case must be looked at next; `None` only once it is closed. Never before `now`.
    pub fn next_timer(&self, case: &Case, now: Timestamp) -> Option<Timestamp> {
        if !case.state.is_open() {
            return None;
        }
        let today = self.day_of(now);
        let waiting = case.state == State::WaitingCitizen;
        let promise = case.service_due_on.filter(|_| !case.overdue && !waiting).map(|due| self.overdue_from(due));
        let legal = case.legal_due_on.map(|due| self.legal_target(due)).filter(|at| *at > now);
        let escalation = (case.overdue && case.priority < Priority::Urgent)
            .then(|| self.start_of(add_working_days(today, 1, self.holidays)));
        let dates = promise.into_iter().chain(legal).chain(escalation).min();
        // A citizen who is waited for may need a reminder long before the law's date.
        let review = || self.start_of(add_working_days(today, REVIEW_DAYS, self.holidays));
        let next = match dates {
            Some(date) if waiting => date.min(review()),
            Some(date) => date,
            None => review(),
        };
        Some(next.max(now))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn paris() -> TownCalendar {
        TownCalendar { time_zone: TimeZone::get("Europe/Paris").unwrap(), holidays: HolidayZone::Metropole }
    }

    fn silence(months: u32) -> ProcedureSnapshot {
        ProcedureSnapshot {
            silence: "reject".into(),
            silence_months: months,
            service_level_days: 5,
            ..ProcedureSnapshot::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_legal_date_keeps_the_day_of_the_month() {
        let town = paris();
        for (received, months, due) in [
            ("2026-03-01T09:00:00Z", 2, date(2026, 5, 1)),
            ("2025-12-31T09:00:00Z", 2, date(2026, 2, 28)),
            ("2027-12-31T09:00:00Z", 2, date(2028, 2, 29)),
            // Already 1 July in Paris: the day is the town's, not UTC's.
            ("2026-06-30T22:30:00Z", 1, date(2026, 8, 1)),
        ] {
            assert_eq!(town.legal_due(at(received), &silence(months)), Some(due), "{received}");
        }
        assert_eq!(town.legal_due(at("2026-03-01T09:00:00Z"), &ProcedureSnapshot::default()), None);
    }

    #[test]
    fn the_promise_counts_working_days_and_stops_while_waiting() {
        let town = paris();
        // Thursday 30 April 2026, five working days: 1 May (Friday) and 8 May (Friday) are holidays.
        let due = town.service_due(at("2026-04-30T08:00:00Z"), &silence(1)).unwrap();
        assert_eq!(due, date(2026, 5, 11));
        // Waiting from Monday 4 to Thursday 7: three working days more.
        assert_eq!(town.paused(due, at("2026-05-04T08:00:00Z"), at("2026-05-07T08:00:00Z")), date(2026, 5, 15));
        assert_eq!(town.paused(due, at("2026-05-04T08:00:00Z"), at("2026-05-04T18:00:00Z")), due);
        assert_eq!(town.overdue_from(date(2026, 5, 15)), at("2026-05-15T22:00:00Z"));
        assert_eq!(town.legal_target(date(2026, 5, 15)), at("2026-05-13T22:00:00Z"));
    }
}
