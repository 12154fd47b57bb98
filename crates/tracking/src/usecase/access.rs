//! Who may read a timeline, and how much of it.

use parvis_kernel::{Caller, Error, Reference, RequestId, Result, Role, reason::Thing, tracking_code};
use parvis_store::Store;

use crate::{domain::Facts, repo::facts};

/// Which timeline, from where.
#[derive(Clone, Debug, Default)]
pub struct AskTimeline {
    /// The request's reference, or
    pub reference: String,
    /// its id.
    pub request_id: String,
    /// For whoever has no account.
    pub tracking_code: String,
    /// Only lines after this one.
    pub after: u64,
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every line, with the agents' names.
    All,
    /// What citizens may know.
    Public,
}

/// The request, and how much of it the caller reads: all of it, an agent or supervisor of the unit in charge, the
/// agent who filed it or has it; the public lines, the front desk and whoever holds the tracking code. For everybody
/// else it does not exist, whatever is wrong.
pub(super) async fn open(store: &Store, caller: &Caller, ask: &AskTimeline) -> Result<(Facts, View)> {
    let found = if ask.request_id.is_empty() {
        let reference: Reference = ask.reference.parse()?;
        facts::find_by_reference(store.read(), &caller.tenant, &reference.to_string()).await?
    } else {
        let id: RequestId = ask.request_id.parse().map_err(|error: Error| error.about("request_id"))?;
        facts::find(store.read(), &caller.tenant, id).await?
    };
    // Hashed and compared even where there is nothing, so that the time taken does not tell.
    let code = found.as_ref().map_or("", |facts| facts.code_sha256.as_str());
    let holds_code = tracking_code::opens(&ask.tracking_code, code);
    let unknown = || Error::no_such(Thing::Request, "no request under this reference and tracking code");
    let facts = found.ok_or_else(unknown)?;
    let view = view(caller, &facts).or(holds_code.then_some(View::Public)).ok_or_else(unknown)?;
    Ok((facts, view))
}

fn view(caller: &Caller, facts: &Facts) -> Option<View> {
    if caller.is_system() {
        return Some(View::All);
    }
    let agent = caller.agent()?.as_str();
    let handles = caller.has(Role::CaseWorker) || caller.has(Role::Supervisor);
    let of_unit = caller.units.iter().any(|unit| unit.as_str() == facts.unit);
    if handles && (of_unit || agent == facts.agent || agent == facts.filed_by) {
        return Some(View::All);
    }
    caller.has(Role::FrontDesk).then_some(View::Public)
}
