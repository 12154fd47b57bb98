//! `/agent/connaissances`: where articles and response templates are written, read again, published.

pub mod edit;
pub mod history;
pub mod list;
pub mod usage;
pub mod verbs;

use parvis_kernel::Role;
use parvis_proto::knowledge::{Article, GetArticleRequest};

use crate::{
    pages::{
        page::{Desk, refused},
        shell::{Area, Link, Shell},
    },
    problem::Problem,
    state::answer,
};

/// Who reads drafts and proposes them.
pub const WRITERS: [Role; 4] = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::Administrator];
/// Who publishes.
pub const EDITORS: [Role; 2] = [Role::Supervisor, Role::Administrator];

/// Where the list is.
const HOME: &str = "/agent/connaissances";

/// The frame, and the tabs that the agent may open.
async fn frame(desk: &Desk, title: &str) -> (Shell, Vec<Link>) {
    let mut tabs = vec![(HOME, "Articles et réponses types")];
    if desk.has(&EDITORS) {
        tabs.push(("/agent/connaissances/usages", "À écrire ensuite"));
    }
    let tab = |(href, label): &(&str, &str)| Link { current: desk.page.path == *href, ..Link::new(*href, *label) };
    let tabs = tabs.iter().map(tab).collect();
    (desk.shell(Area::Agent, title).await, tabs)
}

async fn find(desk: &Desk, id: &str, version: u32) -> Result<Article, Problem> {
    let request = GetArticleRequest { id: id.to_owned(), version, ..GetArticleRequest::default() };
    answer(desk.page.state.knowledge()?.get_article(desk.call(request)).await).map_err(refused)
}

/// A state, in French, and the tone that shows it.
fn state(article: &Article) -> (&'static str, &'static str) {
    match article.state.as_str() {
        "draft" if article.published_version > 0 => ("Publié, modification en cours", "waiting"),
        "draft" => ("Brouillon", "new"),
        "reviewed" => ("Relu", "going"),
        "published" => ("Publié", "done"),
        _ => ("À mettre à jour", "late"),
    }
}
