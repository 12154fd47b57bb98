//! `/agent/proposition`: takes a live case that is offered, or leaves it to the next.

use axum::response::{IntoResponse, Redirect, Response};
use parvis_kernel::{ErrorKind, Role};
use parvis_proto::routing::{AnswerOfferRequest, ListOffersRequest, Offer};

use crate::{
    csrf::CsrfFields,
    pages::{
        format,
        page::{Desk, refused},
    },
    problem::Problem,
    state::answer,
};

/// A live case shown to the agent.
pub struct OfferView {
    /// Which offer.
    pub id: String,
    /// Which case.
    pub case_id: String,
    /// Its short name.
    pub reference: String,
    /// Where from: « Téléphone, Accueil ».
    pub about: String,
    /// Since when the person waits.
    pub since: String,
    /// Until when it may be taken.
    pub until: String,
}

/// Who is offered cases.
const TAKERS: [Role; 2] = [Role::CaseWorker, Role::Supervisor];

/// What is offered to the agent now; nothing where routing does not answer, which the queues say already.
pub async fn of(desk: &Desk) -> Vec<OfferView> {
    if !desk.has(&TAKERS) {
        return Vec::new();
    }
    let Ok(mut routing) = desk.page.state.routing() else { return Vec::new() };
    let listed = answer(routing.list_offers(desk.call(ListOffersRequest {})).await).unwrap_or_default();
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let view = |offer: Offer| OfferView {
        about: format!("{}, {}", format::channel(&offer.channel), offer.unit_name),
        since: format::relative(format::instant(offer.since.as_ref()), now, &zone),
        until: format::relative(format::instant(offer.until.as_ref()), now, &zone),
        id: offer.id,
        case_id: offer.case_id,
        reference: offer.reference,
    };
    listed.offers.into_iter().map(view).collect()
}

/// Takes it or leaves it.
pub async fn act(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&TAKERS)?;
    let accept = fields.first("reponse") == "prendre";
    let request = AnswerOfferRequest {
        case_id: fields.first("dossier").to_owned(),
        offer_id: fields.first("proposition").to_owned(),
        accept,
    };
    let code = match answer(desk.page.state.routing()?.answer_offer(desk.call(request)).await) {
        Ok(_) if accept => "pris",
        Ok(_) => "laisse",
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => "proposition-finie",
        Err(error) => return Err(refused(error)),
    };
    Ok(Redirect::to(&format!("/agent?fait={code}")).into_response())
}
