//! How many cases are late or nearly, by unit and agent: what a supervisor looks at first.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use parvis_kernel::{Caller, Error, Reason, Result, Role};

use super::{Casework, list_cases::day};
use crate::repo;

/// Cases of one agent in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCases {
    /// The unit's code.
    pub unit: String,
    /// The agent's; empty: in the unit's queue.
    pub agent: String,
    /// Their name.
    pub agent_name: String,
    /// Whose due date has passed.
    pub late: u64,
    /// Whose due date will have passed.
    pub near: u64,
}

impl Casework {
    /// Those of the caller's units, overdue now or due by a day (empty: today), most late first.
    pub async fn count_due_cases(&self, caller: &Caller, due_by: &str) -> Result<Vec<DueCases>> {
        caller.require_agent(&[Role::Supervisor])?;
        let today = self.towns.get(&caller.tenant)?.calendar.day_of(self.store.clock().now());
        let until = day("due_by", due_by)?.unwrap_or(today);
        let last = today.saturating_add(366.days());
        if !(today..=last).contains(&until) {
            let reason = Reason::OutsidePeriod { first: today, last };
            return Err(Error::wrong("due_by", reason, "must be from today to a year ahead"));
        }
        // Due today is not late yet.
        let yesterday = today.yesterday().unwrap_or(today);
        let mut counts: BTreeMap<(String, String), DueCases> = BTreeMap::new();
        for (day, late) in [(until, false), (yesterday, true)] {
            let counted = repo::list::count_due(self.store.read(), &caller.tenant, caller.units.iter(), day).await?;
            for one in counted {
                let cases = u64::try_from(one.cases).unwrap_or(0);
                let key = (one.unit.clone(), one.agent.clone());
                let line = counts.entry(key).or_insert_with(|| DueCases {
                    unit: one.unit,
                    agent: one.agent,
                    agent_name: one.agent_name,
                    late: 0,
                    near: 0,
                });
                if late {
                    line.late = cases;
                    line.near = line.near.saturating_sub(cases);
                } else {
                    line.near = cases;
                }
            }
        }
        let mut counts: Vec<DueCases> = counts.into_values().collect();
        counts.sort_by_key(|line| (std::cmp::Reverse(line.late), std::cmp::Reverse(line.near)));
        Ok(counts)
    }
}
