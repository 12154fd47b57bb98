//! The notices of one request.

use parvis_kernel::{Caller, Error, Reference, Result, Role, tracking_code};
use parvis_store::Store;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{repo::notice, usecase::NoticeView};

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
/// how each went too. Everybody else learns nothing, not even whether the request exists.
pub async fn list_notices(store: &Store, caller: &Caller, command: ListNotices) -> Result<Vec<NoticeView>> {
    let rows = if command.case_id.is_empty() {
        let reference: Reference = command.reference.parse()?;
        notice::of_reference(store.read(), &caller.tenant, &reference.to_string()).await?
    } else {
        notice::of_case(store.read(), &caller.tenant, command.case_id.parse()?).await?
    };
    if may_read_as_agent(caller, &rows) {
        return NoticeView::for_agents(store, &caller.tenant, rows, false).await;
    }
    if opens(&command.tracking_code, &rows) {
        return Ok(NoticeView::for_citizen(rows));
    }
    Err(Error::not_found("no notices under this reference and tracking code"))
}

fn may_read_as_agent(caller: &Caller, rows: &[notice::Model]) -> bool {
    if rows.is_empty() {
        return false;
    }
    if caller.is_system() || caller.has(Role::FrontDesk) {
        return true;
    }
    // The unit in charge is the one that the latest notice names.
    let unit = rows.iter().rev().map(|row| row.unit.as_str()).find(|unit| !unit.is_empty());
    (caller.has(Role::CaseWorker) || caller.has(Role::Supervisor))
        && unit.is_some_and(|unit| caller.units.iter().any(|mine| mine.as_str() == unit))
}

fn opens(code: &str, rows: &[notice::Model]) -> bool {
    let given = sha256_of(code);
    // A loop over all of them: how long it takes tells nothing of which matched.
    rows.iter().fold(false, |found, row| found | bool::from(given.as_bytes().ct_eq(row.code_sha256.as_bytes())))
}

/// What is kept of a tracking code.
pub fn sha256_of(code: &str) -> String {
    hex::encode(Sha256::digest(tracking_code::normalize(code).as_bytes()))
}
