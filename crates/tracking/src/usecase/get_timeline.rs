//! Where a request stands.

use parvis_kernel::{Caller, Result, Timestamp};
use parvis_store::{Store, from_db_time};

use super::access::{AskTimeline, View, open};
use crate::{domain::Facts, repo::line};

/// A request and its lines.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The request.
    pub facts: Facts,
    /// Its lines, by time then position.
    pub lines: Vec<TimelineLine>,
}

/// A line, as the reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineLine {
    /// Grows within one request.
    pub position: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The role that said so.
    pub role: String,
    /// The event's name, or its kind.
    pub kind: String,
    /// One French sentence.
    pub label: String,
    /// The agent who did it; empty for citizens.
    pub actor_name: String,
    /// Whether citizens see it.
    pub public: bool,
}

impl TimelineLine {
    /// The line as `view` shows it; `None` where it does not.
    pub(super) fn of(row: line::Model, view: View) -> Option<Self> {
        let public = !row.public_label.is_empty();
        let (label, actor_name) = match view {
            View::All => (row.label, row.actor_name),
            View::Public if public => (row.public_label, String::new()),
            View::Public => return None,
        };
        Some(Self {
            position: u64::try_from(row.position).unwrap_or(0),
            at: from_db_time(row.at),
            role: row.role,
            kind: row.kind,
            label,
            actor_name,
            public,
        })
    }
}

/// The request and its lines after `ask.after`.
pub async fn get_timeline(store: &Store, caller: &Caller, ask: &AskTimeline) -> Result<Timeline> {
    let (facts, view) = open(store, caller, ask).await?;
    let after = i64::try_from(ask.after).unwrap_or(i64::MAX);
    let rows = line::after(store.read(), &caller.tenant, facts.id, after).await?;
    let mut lines: Vec<_> = rows.into_iter().filter_map(|row| TimelineLine::of(row, view)).collect();
    lines.sort_by_key(|line| (line.at, line.position));
    Ok(Timeline { facts, lines })
}
