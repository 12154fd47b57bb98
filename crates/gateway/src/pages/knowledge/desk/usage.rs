//! What was searched in vain, opened, found useful: what to write next.

use askama::Template;
use axum::response::Response;
use parvis_proto::knowledge::{GetUsageRequest, Usage, UseCount};

use super::{EDITORS, frame};
use crate::{
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

struct List {
    title: &'static str,
    empty: &'static str,
    lines: Vec<UseCount>,
}

#[derive(Template)]
#[template(path = "knowledge/desk_usage.html")]
struct UsagePage {
    shell: Shell,
    tabs: Vec<Link>,
    figures: Vec<(String, &'static str)>,
    missing: Vec<UseCount>,
    others: u64,
    lists: Vec<List>,
}

/// The page.
pub async fn show(desk: Desk) -> Result<Response, Problem> {
    desk.require(&EDITORS)?;
    let request = desk.call(GetUsageRequest { days: 30 });
    let usage: Usage = answer(desk.page.state.knowledge()?.get_usage(request).await).map_err(refused)?;
    let figures = vec![
        (format::count(usage.searches), "recherches"),
        (format::count(usage.without_result), "sans réponse"),
        (format::count(usage.opened), "pages ouvertes"),
        (format::count(usage.helped), "fois « cela m'a aidé »"),
        (format::count(usage.not_filed), "demandes évitées"),
    ];
    let named: u64 = usage.missing.iter().map(|line| line.count).sum();
    let others = usage.without_result.saturating_sub(named);
    let lists = vec![
        List { title: "Pages qui n'ont pas aidé", empty: "Aucune.", lines: usage.least_helpful },
        List { title: "Pages qui ont aidé", empty: "Personne ne l'a encore dit.", lines: usage.most_helpful },
        List { title: "Pages les plus ouvertes", empty: "Aucune page ouverte.", lines: usage.most_opened },
    ];
    let (shell, tabs) = frame(&desk, "À écrire ensuite").await;
    render(&UsagePage { shell, tabs, figures, missing: usage.missing, others, lists })
}
