//! The notices of one request.

use parvis_kernel::{Caller, Error, Reference, Result, Role, reason::Thing, tracking_code};
use parvis_store::Store;

use crate::{
    repo::notice,
    usecase::{NoticeView, access::reads_cases_of, view::Text},
};

/// Which request, and the code that lets one see it.
#[derive(Clone, Debug, Default)]
pub struct ListNotices {
    /// The case, or
    pub case_id: String,
    /// its reference.
    pub reference: String,
    /// For whoever has no account.
    pub tracking_code: String,
}

/// Whoever holds the tracking code sees the portal copies; an agent of the unit in charge, or of the front desk, sees
/// how each went too, and the request that was sent on to another body where they may read the case. Everybody else
/// learns nothing, not even whether the request exists.
pub async fn list_notices(store: &Store, caller: &Caller, command: ListNotices) -> Result<Vec<NoticeView>> {
    let rows = if command.case_id.is_empty() {
        let reference: Reference = command.reference.parse()?;
        notice::of_reference(store.read(), &caller.tenant, &reference.to_string()).await?
    } else {
        notice::of_case(
            store.read(),
            &caller.tenant,
            command.case_id.parse().map_err(|error: Error| error.about("case_id"))?,
        )
        .await?
    };
    if may_read_as_agent(caller, &rows) {
        let reads = unit_in_charge(&rows).is_some_and(|unit| reads_cases_of(caller, unit)) || caller.is_system();
        let text = |row: &notice::Model| if row.holds_the_request() && !reads { Text::None } else { Text::Shown };
        return NoticeView::for_agents(store, &caller.tenant, rows, text).await;
    }
    if opens(&command.tracking_code, &rows) {
        return Ok(NoticeView::for_citizen(rows));
    }
    Err(Error::no_such(Thing::Request, "no notices under this reference and tracking code"))
}

fn may_read_as_agent(caller: &Caller, rows: &[notice::Model]) -> bool {
    if rows.is_empty() {
        return false;
    }
    if caller.is_system() || caller.has(Role::FrontDesk) {
        return true;
    }
    (caller.has(Role::CaseWorker) || caller.has(Role::Supervisor))
        && unit_in_charge(rows).is_some_and(|unit| caller.units.iter().any(|mine| mine.as_str() == unit))
}

/// The one that the latest notice names.
fn unit_in_charge(rows: &[notice::Model]) -> Option<&str> {
    rows.iter().rev().map(|row| row.unit.as_str()).find(|unit| !unit.is_empty())
}

fn opens(code: &str, rows: &[notice::Model]) -> bool {
    // A loop over all of them: how long it takes tells nothing of which matched.
    rows.iter().fold(false, |found, row| found | tracking_code::opens(code, &row.code_sha256))
}
