//! Live cases shown to an agent, who takes them or not.

use std::collections::BTreeSet;

use parvis_kernel::{AgentId, Caller, CaseId, DecisionId, Error, Refusal, Result, Role};

use crate::{
    domain::RoutedCase,
    repo::{desk, directory, waiting},
    router::Router,
};

/// A live case as shown to whom it is offered.
#[derive(Clone, Debug)]
pub struct OfferView {
    /// The case, with its offer.
    pub case: RoutedCase,
    /// Its unit's name.
    pub unit_name: String,
}

/// An answer, as it came.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct AnswerOffer {
    pub case_id: String,
    pub offer_id: String,
    pub accept: bool,
}

/// What is offered to the caller now, the first to end first.
pub async fn list_offers(router: &Router, caller: &Caller) -> Result<Vec<OfferView>> {
    caller.require(&[Role::CaseWorker, Role::Supervisor])?;
    let Some(agent) = caller.agent() else { return Ok(Vec::new()) };
    let snapshot = router.snapshots.current(&router.store, &caller.tenant).await?;
    let now = router.store.clock().now();
    let cases = waiting::offered_to(router.store.read(), &caller.tenant, agent).await?;
    let live = cases.into_iter().filter(|case| case.offer.as_ref().is_some_and(|offer| offer.until > now));
    let view = |case: RoutedCase| {
        let unit_name = case.need.as_ref().map(|need| snapshot.unit_name(&need.unit).to_owned()).unwrap_or_default();
        OfferView { case, unit_name }
    };
    Ok(live.map(view).collect())
}

/// Takes what was offered to the caller, or leaves it to the next. Gives who handles the case now.
///
/// # Errors
/// "Conflict" where the offer is over, "not found" where it is not the caller's.
pub async fn answer_offer(router: &Router, caller: &Caller, answer: &AnswerOffer) -> Result<Option<AgentId>> {
    caller.require(&[Role::CaseWorker, Role::Supervisor])?;
    let case_id = answer.case_id.parse::<CaseId>().map_err(|error| error.about("case_id"))?;
    let offer = answer.offer_id.parse::<DecisionId>();
    let offer = offer.map_err(|error| error.about("offer_id"))?;
    let me =
        caller.agent().ok_or_else(|| Error::denied("only an agent is offered cases").refused(Refusal::AgentOnly))?;
    let tenant = &caller.tenant;
    let mut tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let none = (BTreeSet::new(), BTreeSet::new());
    let mut desk = desk::load_for(&tx, tenant, snapshot.clone(), &[case_id], &none.0, &none.1).await?;
    if answer.accept {
        desk.accept(case_id, offer, me, &caller.actor_key())?;
    } else {
        desk.decline(case_id, offer, me)?;
    }
    let now = desk.case(case_id).and_then(|case| case.live_agent().cloned());
    let changes = desk.into_changes();
    let traceparent = parvis_store::outbox::current_traceparent();
    desk::save(&mut tx, tenant, &snapshot, &changes, |_| traceparent.clone()).await?;
    tx.commit().await?;
    let answer = if answer.accept { "accepted" } else { "declined" };
    metrics::counter!("parvis_routing_offers_total", "answer" => answer).increment(1);
    if now.is_none() {
        router.wake_freed(tenant.clone());
    }
    Ok(now)
}
