use std::collections::HashMap;

use parvis_kernel::{ErrorKind, Role};
use parvis_knowledge::{import_articles, parse_articles};
use parvis_proto::knowledge::{
    ArticleContent, ArticlePublished, GetArticleRequest, ListArticlesRequest, RestoreArticleRequest, SaveArticleRequest,
};
use prost::Message as _;

use crate::world::{World, agent, citizen, content, editor, new_article, on_both, tenant, verb};

on_both!(an_article_is_drafted_published_changed_and_restored, world => {
    let knowledge = &world.knowledge;
    let clerk = agent("clairval", Role::CaseWorker);
    let draft = knowledge.save_article(&clerk, new_article("Sapins de Noël")).await.unwrap();
    assert_eq!((draft.slug.as_str(), draft.state.as_str(), draft.version), ("sapins-de-noel", "draft", 1));
    assert_eq!(knowledge.read_page(&citizen(), "sapins-de-noel").await.unwrap_err().kind(), ErrorKind::NotFound);

    let refused = knowledge.publish_article(&clerk, &verb(&draft)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let reviewed = knowledge.review_article(&editor(), &verb(&draft)).await.unwrap();
    assert_eq!((reviewed.state.as_str(), reviewed.reviewed_by.as_str()), ("reviewed", "Claire Martin"));
    let published = knowledge.publish_article(&editor(), &verb(&reviewed)).await.unwrap();
    assert_eq!(published.published_version, 1);
    let page = knowledge.read_page(&citizen(), "sapins-de-noel").await.unwrap();
    assert!(page.body_html.contains("<h2 id=\"s-ou\">Où</h2>"), "{}", page.body_html);
    assert_eq!((page.source.as_str(), page.reviewed.as_str()), ("Ville de Clairval-sur-Loire", "2026-05-31"));

    let second = SaveArticleRequest {
        id: published.id.clone(),
        expected_revision: published.revision,
        content: Some(ArticleContent { body: "Nouveau lieu.".into(), ..content("Sapins de Noël") }),
        note: "Le lieu change".into(),
        ..SaveArticleRequest::default()
    };
    let draft = knowledge.save_article(&clerk, second).await.unwrap();
    assert_eq!((draft.version, draft.published_version, draft.state.as_str()), (2, 1, "draft"));
    assert!(knowledge.read_page(&citizen(), "sapins-de-noel").await.unwrap().body_html.contains("Place du Port"));
    let draft = knowledge.publish_article(&editor(), &verb(&draft)).await.unwrap();
    assert!(knowledge.read_page(&citizen(), "sapins-de-noel").await.unwrap().body_html.contains("Nouveau lieu"));

    let back = RestoreArticleRequest { id: draft.id.clone(), expected_revision: draft.revision, version: 1 };
    let restored = knowledge.restore_article(&clerk, &back).await.unwrap();
    assert_eq!((restored.version, restored.state.as_str()), (3, "draft"));
    assert!(restored.content.unwrap().body.contains("Place du Port"));
    let lines = knowledge.list_versions(&clerk, &draft.id).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(lines[1].note, "Le lieu change");

    let latest = knowledge.get_article(&clerk, &GetArticleRequest { id: draft.id.clone(), ..Default::default() }).await.unwrap();
    knowledge.withdraw_article(&editor(), &verb(&latest)).await.unwrap();
    assert_eq!(knowledge.read_page(&citizen(), "sapins-de-noel").await.unwrap_err().kind(), ErrorKind::NotFound);

    let said = world.said().await;
    let said: Vec<_> = said.iter().map(|row| ArticlePublished::decode(row.payload.as_slice()).unwrap()).collect();
    assert_eq!(said.iter().map(|it| (it.version, it.withdrawn)).collect::<Vec<_>>(), [(1, false), (2, false), (3, true)]);
});

on_both!(a_stale_version_is_a_conflict_and_changes_nothing, world => {
    let knowledge = &world.knowledge;
    let first = knowledge.save_article(&editor(), new_article("Essai")).await.unwrap();
    let change = |revision| SaveArticleRequest {
        id: first.id.clone(),
        expected_revision: revision,
        content: Some(content("Essai, bis")),
        ..SaveArticleRequest::default()
    };
    knowledge.save_article(&editor(), change(first.revision)).await.unwrap();
    let error = knowledge.save_article(&editor(), change(first.revision)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    for late in [
        knowledge.publish_article(&editor(), &verb(&first)).await,
        knowledge.review_article(&editor(), &verb(&first)).await,
    ] {
        assert_eq!(late.unwrap_err().kind(), ErrorKind::Conflict);
    }
    assert_eq!(knowledge.save_article(&editor(), change(0)).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(world.count("article_version").await, 2);

    // Two at once: one of them wins.
    let who = editor();
    let two = tokio::join!(
        knowledge.save_article(&who, change(first.revision + 1)),
        knowledge.save_article(&who, change(first.revision + 1)),
    );
    assert_eq!([two.0.is_ok(), two.1.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(world.count("article_version").await, 3);
});

on_both!(another_town_reads_and_changes_nothing, world => {
    let knowledge = &world.knowledge;
    let mine = knowledge.save_article(&editor(), new_article("Chez nous")).await.unwrap();
    let mine = knowledge.publish_article(&editor(), &verb(&mine)).await.unwrap();
    let other = agent("petit-ormeau", Role::Administrator);
    assert_eq!(knowledge.read_page(&other, "chez-nous").await.unwrap_err().kind(), ErrorKind::NotFound);
    let by_id = GetArticleRequest { id: mine.id.clone(), ..Default::default() };
    let by_slug = GetArticleRequest { slug: mine.slug.clone(), ..Default::default() };
    for request in [by_id, by_slug] {
        assert_eq!(knowledge.get_article(&other, &request).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert_eq!(knowledge.list_versions(&other, &mine.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(knowledge.withdraw_article(&other, &verb(&mine)).await.unwrap_err().kind(), ErrorKind::NotFound);
    let save = SaveArticleRequest { id: mine.id.clone(), expected_revision: mine.revision, ..new_article("À moi") };
    assert_eq!(knowledge.save_article(&other, save).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert!(knowledge.list_articles(&other, &ListArticlesRequest::default()).await.unwrap().is_empty());
    // The same address may be taken in each town.
    knowledge.save_article(&other, new_article("Chez nous")).await.unwrap();
    let again = knowledge.save_article(&editor(), new_article("Chez nous")).await.unwrap_err();
    assert_eq!(again.violations()[0].field, "slug");
});

on_both!(who_may_not_is_refused, world => {
    let knowledge = &world.knowledge;
    let anybody = knowledge.save_article(&citizen(), new_article("Essai")).await.unwrap_err();
    assert_eq!(anybody.kind(), ErrorKind::Unauthenticated);
    let elected = agent("clairval", Role::ElectedOfficial);
    assert_eq!(knowledge.save_article(&elected, new_article("Essai")).await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(knowledge.get_usage(&agent("clairval", Role::FrontDesk), 30).await.unwrap_err().kind(), ErrorKind::Denied);
    assert!(knowledge.list_articles(&citizen(), &ListArticlesRequest::default()).await.is_err());
    let taken = SaveArticleRequest { slug: "f1341".into(), ..new_article("Fiche") };
    assert_eq!(knowledge.save_article(&editor(), taken).await.unwrap_err().violations()[0].field, "slug");
    let huge = ArticleContent { body: "a".repeat(10_000_000), ..content("Grand") };
    let huge = SaveArticleRequest { content: Some(huge), ..new_article("Grand") };
    assert_eq!(knowledge.save_article(&editor(), huge).await.unwrap_err().kind(), ErrorKind::Invalid);
    let nul = ArticleContent { body: "a\0b".into(), ..content("Nul\0") };
    let nul = SaveArticleRequest { content: Some(nul), ..new_article("Nul") };
    assert_eq!(knowledge.save_article(&editor(), nul).await.unwrap().content.unwrap().body, "ab");
});

on_both!(a_template_is_checked_on_saving_and_filled_for_a_case, world => {
    let knowledge = &world.knowledge;
    let template = |body: &str| SaveArticleRequest {
        kind: "template".into(),
        slug: "accuse".into(),
        content: Some(ArticleContent { body: body.into(), ..content("Accusé") }),
        ..SaveArticleRequest::default()
    };
    let error = knowledge.save_article(&editor(), template("{{inconnu}}")).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "content.body");
    let saved = knowledge.save_article(&editor(), template("Demande {{reference}}, {{agent}}.")).await.unwrap();
    let values = HashMap::from([("reference".to_owned(), "412-873-952-K".to_owned())]);
    let clerk = agent("clairval", Role::CaseWorker);
    let early = knowledge.fill_template(&clerk, "accuse", values.clone()).await.unwrap_err();
    assert_eq!(early.kind(), ErrorKind::NotFound);
    knowledge.publish_article(&editor(), &verb(&saved)).await.unwrap();
    let filled = knowledge.fill_template(&clerk, "accuse", values.clone()).await.unwrap();
    assert_eq!(filled.text, "Demande 412-873-952-K, [nom de l'agent].");
    assert_eq!(filled.missing, ["agent"]);
    assert!(knowledge.fill_template(&citizen(), "accuse", values.clone()).await.is_err());
    let other = agent("petit-ormeau", Role::CaseWorker);
    assert_eq!(knowledge.fill_template(&other, "accuse", values).await.unwrap_err().kind(), ErrorKind::NotFound);
    // A template is no page.
    assert_eq!(knowledge.read_page(&citizen(), "accuse").await.unwrap_err().kind(), ErrorKind::NotFound);
});

const FILE: &str = r#"
tenant = "clairval"
[[article]]
slug = "sapins"
title = "Sapins"
summary = "Une benne."
theme = "dechets"
text = "Place du Port."
[[template]]
slug = "accuse"
title = "Accusé"
theme = "mairie"
text = "Bonjour {{usager}}"
"#;

on_both!(a_file_is_loaded_once_and_does_not_undo_what_was_written_on_the_pages, world => {
    let import = async |text: &str| {
        let file = parse_articles("a.toml", text).unwrap();
        import_articles(&world.store, &world.tenants, &file).await.unwrap()
    };
    assert_eq!(import(FILE).await.added, 2);
    assert_eq!(import(FILE).await.unchanged, 2);
    let changed = FILE.replace("Place du Port", "Place du Marché");
    assert_eq!(import(&changed).await.changed, 1);
    world.knowledge.refresh().await.unwrap();
    assert!(world.knowledge.read_page(&citizen(), "sapins").await.unwrap().body_html.contains("Marché"));

    let known = GetArticleRequest { slug: "sapins".into(), ..Default::default() };
    let known = world.knowledge.get_article(&editor(), &known).await.unwrap();
    let own = SaveArticleRequest {
        id: known.id.clone(),
        expected_revision: known.revision,
        content: Some(content("À nous")),
        ..SaveArticleRequest::default()
    };
    world.knowledge.save_article(&editor(), own).await.unwrap();
    let summary = import(&changed).await;
    assert_eq!((summary.kept, summary.unchanged), (1, 1));
    assert_eq!(world.count("article_version").await, 4);

    let strange = parse_articles("a.toml", &FILE.replace("clairval", "ailleurs")).unwrap();
    assert!(import_articles(&world.store, &world.tenants, &strange).await.is_err());
    let clash = parse_articles("a.toml", &FILE.replace("[[article]]", "[[template]]")).unwrap();
    assert!(import_articles(&world.store, &world.tenants, &clash).await.is_err());
    assert_eq!(world.count("article_version").await, 4);
});

on_both!(an_article_past_its_last_day_is_stale, world => {
    world.load(&FILE.replace("theme = \"dechets\"", "theme = \"dechets\"\nvalid_until = \"2026-06-01\"")).await;
    let knowledge = &world.knowledge;
    let stale = ListArticlesRequest { state: "stale".into(), ..Default::default() };
    assert!(knowledge.list_articles(&editor(), &stale).await.unwrap().is_empty());
    assert_eq!(knowledge.list_pages(&citizen(), "").await.unwrap().pages.len(), 1);
    world.clock.advance(jiff::SignedDuration::from_hours(48));
    assert_eq!(knowledge.list_articles(&editor(), &stale).await.unwrap().len(), 1);
    assert!(knowledge.read_page(&citizen(), "sapins").await.unwrap().stale);
    assert!(knowledge.list_pages(&citizen(), "").await.unwrap().pages.is_empty());
});

on_both!(another_process_serves_what_was_published_here, world => {
    let another = world.another().await;
    let saved = world.knowledge.save_article(&editor(), new_article("Essai")).await.unwrap();
    world.knowledge.publish_article(&editor(), &verb(&saved)).await.unwrap();
    another.refresh().await.unwrap();
    assert_eq!(another.list_pages(&citizen(), "").await.unwrap().pages.len(), 1);
    assert_eq!(tenant("clairval").as_str(), "clairval");
});
