//! The figures of an authority over a period.
//!
//! Received, acknowledged, reassigned, themes, channels and time to assignment are of the requests received in the
//! period; closed and time to closing are of those closed in it and still closed; open and overdue are of now.

use std::collections::BTreeMap;

use jiff::civil::Date;
use parvis_kernel::{Caller, Error, Reason, Result, Role, Timestamp, UnitId, reason::Expected};
use parvis_runtime::Tenants;
use parvis_store::{Store, units};

use super::disclose::{self, Hidden};
use crate::{
    domain::{day, distribution::Distribution},
    repo::figures::Scope,
};

/// The longest period, in days.
const LONGEST: i32 = 3700;
/// Days before today where no beginning is given.
const USUAL: i32 = 30;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct AskFigures {
    /// ISO date, included; empty: 30 days before the last day.
    pub from: String,
    /// ISO date, included; empty: today.
    pub until: String,
    /// One unit; empty: all.
    pub unit: String,
}

/// Figures of one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct UnitFigures {
    pub name: String,
    pub received: u64,
    pub open: u64,
    pub closed: u64,
    pub overdue: u64,
}

/// The figures, as in the contract.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct Figures {
    pub from: Date,
    pub until: Date,
    pub received: u64,
    pub open: u64,
    pub closed: u64,
    pub instant_answers: u64,
    pub acknowledged: u64,
    pub by_channel: BTreeMap<String, u64>,
    pub by_theme: BTreeMap<String, u64>,
    pub by_unit: BTreeMap<String, UnitFigures>,
    /// Day, received, closed; every day of the period.
    pub by_day: Vec<(Date, u64, u64)>,
    pub to_assignment: Distribution,
    pub to_closing: Distribution,
    pub share_reassigned: f64,
    pub computed_at: Timestamp,
    /// What of all that is not to be shown.
    pub hidden: Hidden,
}

/// The figures, and what of them `caller` is not to be shown: small numbers of units that they are not in charge of.
pub async fn get_figures(store: &Store, tenants: &Tenants, caller: &Caller, ask: &AskFigures) -> Result<Figures> {
    caller.require(&[Role::ElectedOfficial, Role::Supervisor, Role::Administrator])?;
    let mut figures = count_figures(store, tenants, caller, ask).await?;
    if ask.unit.is_empty() {
        figures.hidden = disclose::hidden_of_all(&figures, caller);
    } else if !disclose::is_in_charge(caller, &ask.unit) {
        // As the whole's table shows it: what is hidden there for the sake of another is hidden here too.
        let all = count_figures(store, tenants, caller, &AskFigures { unit: String::new(), ..ask.clone() }).await?;
        figures.hidden = disclose::hidden_of_unit(&ask.unit, &disclose::hidden_of_all(&all, caller));
    }
    Ok(figures)
}

/// The figures as they are, for nobody to see yet.
pub async fn count_figures(store: &Store, tenants: &Tenants, caller: &Caller, ask: &AskFigures) -> Result<Figures> {
    let now = store.clock().now();
    let today = day::day_of(now, &tenants.zone_of(&caller.tenant));
    let until = number(&ask.until, "until")?.unwrap_or(today);
    let from = number(&ask.from, "from")?.unwrap_or(until - USUAL);
    if from > until {
        return Err(Error::wrong(
            "from",
            Reason::WrongOrder { other: "until".into() },
            "comes after until: exchange them",
        ));
    }
    if until - from > LONGEST {
        let reason = Reason::PeriodTooLong { days: LONGEST.unsigned_abs().into() };
        return Err(Error::wrong("from", reason, format!("the period is longer than {LONGEST} days: ask for less")));
    }
    let unit = if ask.unit.is_empty() {
        None
    } else {
        Some(UnitId::parse(&ask.unit).map_err(|error| error.about("unit"))?.to_string())
    };
    let scope = Scope { tenant: caller.tenant.clone(), from, until, unit };
    let conn = store.read();

    let mut figures = Figures {
        from: day::date_of(from),
        until: day::date_of(until),
        received: 0,
        open: 0,
        closed: 0,
        instant_answers: scope.count_instant_answers(conn).await?,
        acknowledged: 0,
        by_channel: BTreeMap::new(),
        by_theme: BTreeMap::new(),
        by_unit: BTreeMap::new(),
        by_day: Vec::new(),
        to_assignment: Distribution::default(),
        to_closing: Distribution::default(),
        share_reassigned: 0.0,
        computed_at: now,
        hidden: Hidden::default(),
    };
    let mut days: BTreeMap<i32, (u64, u64)> = (from..=until).map(|day| (day, (0, 0))).collect();
    let (mut assigned, mut reassigned, mut timed) = (0, 0, 0);
    for row in scope.received(conn).await? {
        let n = count(row.n);
        figures.received += n;
        figures.acknowledged += count(row.acknowledged);
        assigned += count(row.assigned);
        reassigned += count(row.reassigned);
        days.entry(row.day).or_default().0 += n;
        *figures.by_channel.entry(row.channel).or_default() += n;
        *figures.by_theme.entry(row.theme).or_default() += n;
        figures.unit(row.unit, &row.unit_name).received += n;
    }
    if figures.received > 0 {
        figures.share_reassigned = reassigned as f64 / figures.received as f64;
    }
    for row in scope.closed(conn).await? {
        let n = count(row.n);
        figures.closed += n;
        timed += count(row.timed);
        days.entry(row.day).or_default().1 += n;
        figures.unit(row.unit, &row.unit_name).closed += n;
    }
    for row in scope.open(today, conn).await? {
        let n = count(row.n);
        figures.open += n;
        let unit = figures.unit(row.unit, &row.unit_name);
        unit.open += n;
        unit.overdue += count(row.overdue);
    }
    // Rows have the name of their day: a unit is shown under the one it has now.
    for (code, unit) in units::all(conn, &caller.tenant).await? {
        if let Some(counted) = figures.by_unit.get_mut(&code) {
            counted.name = unit.name;
        }
    }
    figures.to_assignment = scope.to_assignment(assigned, conn).await?;
    figures.to_closing = scope.to_closing(timed, conn).await?;
    figures.by_day = days.into_iter().map(|(day, (received, closed))| (day::date_of(day), received, closed)).collect();
    Ok(figures)
}

impl Figures {
    fn unit(&mut self, code: String, name: &str) -> &mut UnitFigures {
        let unit = self.by_unit.entry(code).or_default();
        if unit.name.is_empty() {
            name.clone_into(&mut unit.name);
        }
        unit
    }
}

fn number(text: &str, field: &'static str) -> Result<Option<i32>> {
    if text.is_empty() {
        return Ok(None);
    }
    let reason = || Expected::Day;
    let date: Date = text.parse().map_err(|_| Error::wrong(field, reason(), "not a date: write it as 2026-03-31"))?;
    if !(1970..=2999).contains(&date.year()) {
        let reason = Reason::OutsidePeriod { first: Date::constant(1970, 1, 1), last: Date::constant(2999, 12, 31) };
        return Err(Error::wrong(field, reason, "must lie between 1970 and 2999"));
    }
    Ok(Some(day::number_of(date)))
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
