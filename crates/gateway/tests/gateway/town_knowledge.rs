//! The town's knowledge base.

use parvis_proto::knowledge;

use crate::{fakes::*, town::at};

fn hit(kind: &str, slug: &str) -> knowledge::Hit {
    knowledge::Hit {
        kind: kind.into(),
        slug: slug.into(),
        title: format!("Titre <b>gras</b> {slug}"),
        section: "Où".into(),
        anchor: "s-ou".into(),
        excerpt: "Un passage <script>x</script>.".into(),
        words: vec!["acte".into(), "<b>gras".into()],
        ..Default::default()
    }
}

/// Tells the knowledge base what to answer.
pub fn tell(seen: &Seen) {
    seen.tell("search", &knowledge::SearchResponse { hits: vec![hit("article", "encombrants"), hit("fiche", "f12")] });
    let suggested = knowledge::SuggestResponse {
        articles: vec![hit("article", "encombrants")],
        templates: vec![hit("template", "rt-essai")],
        procedures: vec![hit("procedure", "autre")],
    };
    seen.tell("suggest", &suggested);
    let link = knowledge::PageLink { title: "Voisine".into(), href: "/infos/f13".into() };
    let heading = |title: &str| knowledge::Heading { level: 2, title: title.into(), anchor: format!("s-{title}") };
    seen.tell(
        "read_page",
        &knowledge::ReadPageResponse {
            kind: "fiche".into(),
            slug: "f12".into(),
            title: "Une fiche".into(),
            summary: "En bref.".into(),
            body_html: ["un", "deux", "trois", "quatre", "cinq"]
                .map(|title| format!("<h2 id=\"s-{title}\">{title}</h2><p>Texte.</p>"))
                .concat(),
            plain_html: "<p>Simple.</p>".into(),
            headings: ["un", "deux", "trois", "quatre", "cinq"].map(heading).into(),
            source: "service-public.fr".into(),
            source_url: "https://www.service-public.fr/particuliers/vosdroits/F12".into(),
            licence: "Licence Ouverte 2.0".into(),
            licence_url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".into(),
            updated: "2026-05-01".into(),
            bodies: vec![knowledge::Body { name: "Mairie".into(), ..Default::default() }],
            related: vec![link.clone()],
            online: vec![link],
            ..Default::default()
        },
    );
    let outline = |slug: &str, theme: &str| knowledge::PageOutline {
        slug: slug.into(),
        title: slug.into(),
        theme: theme.into(),
        ..Default::default()
    };
    seen.tell(
        "list_pages",
        &knowledge::ListPagesResponse {
            pages: vec![outline("encombrants", "proprete"), outline("cantine", "education")],
            fiches: 3_091,
            fiches_date: "2026-05-01".into(),
        },
    );
    let content = knowledge::ArticleContent {
        title: "Encombrants <b>gras</b>".into(),
        theme: "proprete".into(),
        body: "## Où <script>x</script>".into(),
        audience: vec!["person".into()],
        bodies: vec![knowledge::Body { name: "Syndicat".into(), url: "https://s.example".into() }],
        ..Default::default()
    };
    let article = knowledge::Article {
        id: "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11".into(),
        kind: "article".into(),
        slug: "encombrants".into(),
        revision: 4,
        version: 2,
        latest_version: 2,
        published_version: 1,
        state: "draft".into(),
        content: Some(content),
        author: "Claire".into(),
        saved_at: at("2026-11-20T10:00:00Z"),
        reviewed_by: "Nadia".into(),
        reviewed_at: at("2026-11-20T10:00:00Z"),
        body_html: "<p>Aperçu.</p>".into(),
        plain_html: "<p>Simple.</p>".into(),
        ..Default::default()
    };
    for verb in
        ["get_article", "save_article", "review_article", "publish_article", "withdraw_article", "restore_article"]
    {
        seen.tell(verb, &article);
    }
    seen.tell("list_articles", &knowledge::ListArticlesResponse { articles: vec![article] });
    let line = |version: u32| knowledge::VersionLine {
        version,
        author: "Claire".into(),
        saved_at: at("2026-11-20T10:00:00Z"),
        note: "<b>gras".into(),
        ..Default::default()
    };
    seen.tell("list_versions", &knowledge::ListVersionsResponse { versions: vec![line(2), line(1)] });
    let count = |key: &str| knowledge::UseCount { key: key.into(), title: String::new(), count: 3 };
    seen.tell(
        "get_usage",
        &knowledge::Usage {
            searches: 12,
            without_result: 5,
            missing: vec![count("piscine <b>gras")],
            most_opened: vec![count("encombrants")],
            closed: 61,
            closed_without_procedure: 9,
            uncovered: vec![
                knowledge::Uncovered {
                    kind: "procedure".into(),
                    code: "nid-de-poule".into(),
                    title: "Signaler un <b>trou".into(),
                    theme: "voirie".into(),
                    closed: 31,
                    outcomes: vec![knowledge::UseCount { key: "answered".into(), count: 20, ..Default::default() }],
                    has_template: true,
                },
                knowledge::Uncovered {
                    kind: "theme".into(),
                    code: "sport".into(),
                    theme: "sport".into(),
                    closed: 7,
                    ..Default::default()
                },
            ],
            ..Default::default()
        },
    );
    let filled = knowledge::FillTemplateResponse { text: "Bonjour Odile, à bientôt.".into(), ..Default::default() };
    seen.tell("fill_template", &filled);
}
