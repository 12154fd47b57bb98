//! Who may read a timeline, and how much of it: the policy's answer.

use parvis_kernel::{
    Caller, Error, Reference, RequestId, Result,
    policy::{self, Answer, CaseFacts, Verb},
    reason::Thing,
};
use parvis_store::Store;

use crate::{domain::Facts, repo::facts};

/// Which timeline, from where.
#[derive(Clone, Debug, Default)]
pub struct AskTimeline {
    /// The request's reference, or
    pub reference: String,
    /// its id.
    pub request_id: String,
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

/// The request, and how much of it the caller reads. For whoever may not know of it, it does not exist, whatever is
/// wrong.
pub(super) async fn open(store: &Store, caller: &Caller, ask: &AskTimeline) -> Result<(Facts, View)> {
    let found = if ask.request_id.is_empty() {
        let reference: Reference = ask.reference.parse()?;
        facts::find_by_reference(store.read(), &caller.tenant, &reference.to_string()).await?
    } else {
        let id: RequestId = ask.request_id.parse().map_err(|error: Error| error.about("request_id"))?;
        facts::find(store.read(), &caller.tenant, id).await?
    };
    let unknown = || Error::no_such(Thing::Request, "no request that you may know of is under this reference");
    let facts = found.ok_or_else(unknown)?;
    let view = view(caller, &facts).ok_or_else(unknown)?;
    let words_are_theirs = may(caller, &facts, Verb::ReadText).shows_filed();
    Ok((if words_are_theirs { facts } else { facts.without_text() }, view))
}

fn view(caller: &Caller, facts: &Facts) -> Option<View> {
    if may(caller, facts, Verb::ReadNotes).is_yes() {
        return Some(View::All);
    }
    may(caller, facts, Verb::ReadPublic).is_yes().then_some(View::Public)
}

/// This role does not know which units had a case, nor which are sensitive: it shows nothing that would depend on it.
fn may(caller: &Caller, facts: &Facts, verb: Verb) -> Answer {
    let facts = CaseFacts {
        tenant: &facts.tenant,
        request: facts.id,
        open: facts.is_open(),
        unit: &facts.unit,
        sensitive: true,
        handler: &facts.agent,
        filed_by: &facts.filed_by,
        had: &[],
    };
    policy::may(caller, &facts, verb, None)
}
