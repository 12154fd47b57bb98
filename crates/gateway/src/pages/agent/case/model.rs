//! Response templates in a case: which may answer it, and one of them put in the message's form.

use std::collections::HashMap;

use parvis_proto::{
    casework::CaseDetail,
    knowledge::{FillTemplateRequest, FillTemplateResponse},
};
use serde::Deserialize;

use crate::{
    pages::{
        format,
        page::Desk,
        values::{Errors, Values},
    },
    state::answer,
};

/// What the address says beside the case: the template that was chosen, the reason that was given.
#[derive(Default, Deserialize)]
pub struct Chosen {
    /// Its address; empty: none.
    #[serde(default)]
    pub modele: String,
    /// Why somebody at the counter opens the request; empty: they do not.
    #[serde(default)]
    pub motif: String,
}

/// What to look for: the request's words.
pub struct Asked {
    /// The title and what was said.
    pub text: String,
    /// The procedure's code.
    pub procedure: String,
    /// The door it came in by.
    pub channel: String,
}

/// Of a case.
pub fn question(detail: &CaseDetail) -> Asked {
    let case = detail.case.clone().unwrap_or_default();
    let title = if detail.text.starts_with(case.title.trim_end_matches('…')) { "" } else { case.title.as_str() };
    Asked {
        text: format!("{title} {}", detail.text),
        procedure: case.procedure.map(|procedure| procedure.code).unwrap_or_default(),
        channel: case.channel,
    }
}

/// Puts the template in the form of the message, or of the closing where no message may be sent.
pub async fn put(desk: &Desk, detail: &CaseDetail, slug: &str, values: &mut Values, errors: &mut Errors) {
    let may = |verb: &str| detail.allowed.iter().any(|allowed| allowed == verb);
    let field = if may("message") { "message.texte" } else { "clore.message" };
    match fill(desk, detail, slug).await {
        Ok(filled) => values.set(field, filled.text),
        Err(error) => {
            tracing::warn!(%error, "a response template could not be filled");
            errors.add("", "Cette réponse type n'a pas pu être reprise. Elle n'est peut-être plus publiée.");
        }
    }
}

async fn fill(desk: &Desk, detail: &CaseDetail, slug: &str) -> parvis_kernel::Result<FillTemplateResponse> {
    let case = detail.case.clone().unwrap_or_default();
    let town = &desk.page.tenant;
    let who = detail.requester.as_ref().map(|it| format!("{} {}", it.first_name, it.last_name)).unwrap_or_default();
    let today = format::date(format::day_of(desk.page.now(), &desk.page.zone()));
    let values = [
        ("reference", case.reference),
        ("date", today),
        ("objet", case.title),
        ("usager", who.trim().to_owned()),
        ("agent", desk.session.claims().name.clone()),
        ("service", case.unit_name),
        ("telephone", town.phone.clone()),
        ("courriel", town.email.clone()),
        ("adresse", town.address.clone()),
        ("collectivite", town.name.clone()),
    ];
    let values: HashMap<String, String> = values.map(|(name, value)| (name.to_owned(), value)).into();
    let request = desk.call(FillTemplateRequest { slug: slug.to_owned(), values });
    answer(desk.page.state.knowledge()?.fill_template(request).await)
}
