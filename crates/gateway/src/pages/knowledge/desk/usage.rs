//! What was searched in vain, opened, found useful, handled often without an article: what to write next.

use askama::Template;
use axum::response::Response;
use parvis_proto::knowledge::{GetUsageRequest, Uncovered, Usage, UseCount};

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
    others: String,
    uncovered: Vec<Subject>,
    free: String,
    lists: Vec<List>,
}

/// What is often handled and no article explains.
struct Subject {
    title: String,
    closed: u64,
    outcomes: String,
    templates: &'static str,
    /// Where its article is begun.
    href: String,
}

impl Subject {
    fn new(subject: Uncovered) -> Self {
        let theme = format::theme(&subject.theme).to_owned();
        let of_theme = subject.kind == "theme";
        let title = match (of_theme, subject.title.is_empty()) {
            (true, _) => format!("{theme} (plusieurs démarches)"),
            (false, true) => subject.code.clone(),
            (false, false) => subject.title.clone(),
        };
        let outcomes: Vec<String> =
            subject.outcomes.iter().map(|it| format!("{} : {}", format::outcome(&it.key), it.count)).collect();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("type", "article").append_pair("titre", if of_theme { &theme } else { &title });
        query.append_pair("theme", &subject.theme);
        if !of_theme {
            query.append_pair("demarche", &subject.code);
        }
        Self {
            closed: subject.closed,
            outcomes: outcomes.join(", "),
            templates: if subject.has_template { "Oui" } else { "Non" },
            href: format!("/agent/connaissances/nouveau?{}", query.finish()),
            title,
        }
    }
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
        (format::count(usage.closed), "dossiers clos"),
    ];
    let named: u64 = usage.missing.iter().map(|line| line.count).sum();
    let others = match usage.without_result.saturating_sub(named) {
        0 => String::new(),
        others => format::plural(others, "autre recherche", "autres recherches"),
    };
    let lists = vec![
        List { title: "Pages qui n'ont pas aidé", empty: "Aucune.", lines: usage.least_helpful },
        List { title: "Pages qui ont aidé", empty: "Personne ne l'a encore dit.", lines: usage.most_helpful },
        List { title: "Pages les plus ouvertes", empty: "Aucune page ouverte.", lines: usage.most_opened },
    ];
    let (shell, tabs) = frame(&desk, "À écrire ensuite").await;
    let uncovered = usage.uncovered.into_iter().map(Subject::new).collect();
    let free = match usage.closed_without_procedure {
        0 => String::new(),
        1 => "Un dossier clos ne suivait aucune démarche : il ne compte pour aucun sujet.".to_owned(),
        free => format!(
            "{} dossiers clos ne suivaient aucune démarche : ils ne comptent pour aucun sujet.",
            format::count(free)
        ),
    };
    render(&UsagePage { shell, tabs, figures, missing: usage.missing, others, uncovered, free, lists })
}
