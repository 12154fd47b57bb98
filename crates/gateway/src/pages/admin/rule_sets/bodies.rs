//! `/admin/regles/brouillon/organismes`: to whom a request may be transferred.

use askama::Template;
use axum::response::Response;
use parvis_proto::routing::CompetentBody;

use super::{Answer, DRAFT, done, draft_of, keep, not_done};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, frame},
        page::{Desk, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
};

const SPARE: usize = 2;
const MOST_ROWS: usize = 220;

struct Row {
    number: usize,
    body: CompetentBody,
}

#[derive(Template)]
#[template(path = "admin/rule_bodies.html")]
struct BodiesPage {
    shell: Shell,
    tabs: Vec<Link>,
    rows: Vec<Row>,
    /// National ones, without those that the draft has itself.
    known: Vec<CompetentBody>,
    revision: u64,
}

/// The form.
pub(super) async fn show(desk: Desk) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let own = draft.text.unwrap_or_default().bodies;
    let mut known = draft.known_bodies;
    known.retain(|body| !own.iter().any(|own| own.code == body.code));
    let bodies = own.into_iter().chain(std::iter::repeat_n(CompetentBody::default(), SPARE));
    let rows = bodies.enumerate().map(|(at, body)| Row { number: at + 1, body }).collect();
    let (shell, tabs) = frame(&desk, "Organismes compétents").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles"), (DRAFT, "Brouillon")]);
    render(&BodiesPage { shell, tabs, rows, known, revision: draft.revision })
}

/// Keeps them in the draft.
pub(super) async fn save(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let mut text = draft_of(&desk).await?.text.unwrap_or_default();
    let bodies = (1..=MOST_ROWS).map(|row| {
        let text = |part: &str| fields.first(&format!("organisme.{row}.{part}")).trim().to_owned();
        CompetentBody {
            code: text("code"),
            name: text("nom"),
            email: text("courriel"),
            phone: text("telephone"),
            address: text("adresse"),
            website: text("site"),
        }
    });
    text.bodies = bodies.filter(|body| !body.code.is_empty() || !body.name.is_empty()).collect();
    let revision = fields.first("revision").parse().unwrap_or_default();
    match keep(&desk, text, revision, 0).await {
        Ok(_) => done(DRAFT, "regles-enregistrees"),
        Err(error) => not_done(error),
    }
}
