//! Offers and moves: request → command → use case → response. No rules.

use parvis_kernel::{AgentId, Caller, Result};
use parvis_proto::{routing as proto, to_proto_time};

use crate::{
    router::Router,
    usecase::{self, AnswerOffer, MoveWork, MovedCase, OfferView},
};

/// Moved cases listed at most.
const MOST_LISTED: usize = 500;

pub(crate) async fn offers(router: &Router, caller: &Caller) -> Result<proto::ListOffersResponse> {
    let offers = usecase::list_offers(router, caller).await?;
    Ok(proto::ListOffersResponse { offers: offers.into_iter().filter_map(offer).collect() })
}

fn offer(OfferView { case, unit_name }: OfferView) -> Option<proto::Offer> {
    let (offer, need) = (case.offer?, case.need?);
    Some(proto::Offer {
        id: offer.id.to_string(),
        case_id: case.case_id.to_string(),
        reference: case.reference,
        unit: need.unit.to_string(),
        unit_name,
        priority: need.priority.as_str().to_owned(),
        channel: case.channel.map(|channel| channel.to_string()).unwrap_or_default(),
        since: Some(to_proto_time(case.since)),
        until: Some(to_proto_time(offer.until)),
    })
}

pub(crate) async fn answer(
    router: &Router,
    caller: &Caller,
    request: proto::AnswerOfferRequest,
) -> Result<proto::AnswerOfferResponse> {
    let answer = AnswerOffer { case_id: request.case_id, offer_id: request.offer_id, accept: request.accept };
    let agent = usecase::answer_offer(router, caller, &answer).await?;
    Ok(proto::AnswerOfferResponse { agent: text(agent.as_ref()) })
}

pub(crate) async fn move_work(
    router: &Router,
    caller: &Caller,
    request: proto::MoveWorkRequest,
) -> Result<proto::MoveWorkResponse> {
    let command = MoveWork {
        agent: request.agent,
        unit: request.unit,
        to_unit: request.to_unit,
        reason: request.reason,
        preview: request.preview,
        expected_plan: request.expected_plan,
    };
    let plan = usecase::move_work(router, caller, &command).await?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(proto::MoveWorkResponse {
        total: count(plan.moved.len()),
        queued: count(plan.moved.iter().filter(|moved| moved.decided.agent.is_none()).count()),
        remaining: u32::try_from(plan.remaining).unwrap_or(u32::MAX),
        plan: plan.digest,
        moved: plan.moved.into_iter().take(MOST_LISTED).map(moved).collect(),
    })
}

fn moved(MovedCase { decided, from, unit_name }: MovedCase) -> proto::MovedWork {
    proto::MovedWork {
        case_id: decided.case_id.to_string(),
        reference: decided.reference,
        from_agent: text(from.as_ref()),
        unit: decided.unit.to_string(),
        unit_name,
        agent: text(decided.agent.as_ref()),
        agent_name: decided.agent_name,
        summary: decided.summary,
    }
}

fn text(agent: Option<&AgentId>) -> String {
    agent.map(ToString::to_string).unwrap_or_default()
}
