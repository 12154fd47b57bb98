//! What may answer a text while it is written: a part of the forms, filled by the server, or by the script as one types.

use std::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header;
use parvis_proto::knowledge::{SuggestRequest, SuggestResponse};
use tonic::Request;

use super::hits::{HitView, views};
use crate::{
    csrf::CsrfFields,
    pages::page::{Desk, Page},
    problem::Problem,
    state::{AppState, answer},
};

/// Characters of a text under which nothing is proposed.
const SHORTEST: usize = 8;
/// Characters of it that are looked at.
const LOOKED_AT: usize = 2_000;
/// Proposals only add to a page: they may not keep it waiting.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Proposals, as a part of a page.
#[derive(Debug, Default, Template)]
#[template(path = "knowledge/suggestions.html")]
pub struct Suggestions {
    /// Pages that may answer.
    pub articles: Vec<HitView>,
    /// Texts that agents may send.
    pub templates: Vec<HitView>,
    /// Procedures near what is written.
    pub procedures: Vec<HitView>,
    /// For the citizen who writes; else for an agent.
    pub citizen: bool,
    /// Something was looked for.
    pub asked: bool,
}

impl Suggestions {
    /// Whether there is nothing to propose.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty() && self.templates.is_empty() && self.procedures.is_empty()
    }

    fn new(found: SuggestResponse, citizen: bool) -> Self {
        Self {
            articles: views(found.articles),
            templates: if citizen { Vec::new() } else { views(found.templates) },
            procedures: views(found.procedures),
            citizen,
            asked: true,
        }
    }
}

/// What to look for; nothing where the text is too short to say anything.
fn question(text: &str, procedure: &str, channel: &str) -> Option<SuggestRequest> {
    if text.trim().chars().count() < SHORTEST {
        return None;
    }
    Some(SuggestRequest {
        text: text.chars().take(LOOKED_AT).collect(),
        channel: channel.to_owned(),
        procedure_code: procedure.to_owned(),
        ..SuggestRequest::default()
    })
}

async fn ask(state: &AppState, mut request: Request<SuggestRequest>, citizen: bool) -> Suggestions {
    request.set_timeout(TIMEOUT);
    let found = match state.knowledge() {
        Ok(mut knowledge) => answer(knowledge.suggest(request).await),
        Err(error) => Err(error),
    };
    found.map(|found| Suggestions::new(found, citizen)).unwrap_or_else(|error| {
        tracing::debug!(%error, "nothing is proposed");
        Suggestions { citizen, ..Suggestions::default() }
    })
}

/// For a citizen. Knowledge being down proposes nothing.
pub async fn of_citizen(page: &Page, text: &str, procedure: &str) -> Suggestions {
    match question(text, procedure, "web") {
        Some(request) => ask(&page.state, page.call(request), true).await,
        None => Suggestions { citizen: true, ..Suggestions::default() },
    }
}

/// For an agent.
pub async fn of_agent(desk: &Desk, text: &str, procedure: &str, channel: &str) -> Suggestions {
    match question(text, procedure, channel) {
        Some(request) => ask(&desk.page.state, desk.call(request), false).await,
        None => Suggestions::default(),
    }
}

/// The part alone, for the script of a citizen's page.
pub async fn for_citizens(page: Page, fields: CsrfFields) -> Result<Response, Problem> {
    Ok(part(&of_citizen(&page, fields.first("text"), fields.first("procedure")).await))
}

/// The part alone, for the script of an agent's page.
pub async fn for_agents(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&crate::pages::agent::HANDLERS)?;
    Ok(part(&of_agent(&desk, fields.first("text"), fields.first("procedure"), "phone").await))
}

fn part(suggestions: &Suggestions) -> Response {
    let html = suggestions.render().unwrap_or_default();
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}
