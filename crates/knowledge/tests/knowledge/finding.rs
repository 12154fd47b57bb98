use parvis_kernel::{ErrorKind, Role};
use parvis_knowledge::{ProcedureCard, import_procedures, repo::procedure_card};
use parvis_proto::knowledge::{Hit, RecordUseRequest, SearchRequest, SuggestRequest};

use crate::world::{World, agent, citizen, editor, on_both, tenant};

const FILE: &str = r#"
tenant = "clairval"
[[article]]
slug = "encombrants"
title = "Faire enlever ses encombrants"
summary = "La ville enlève les gros objets sur rendez-vous."
theme = "dechets"
keywords = ["monstres", "vieux meubles", "matelas"]
text = """
## Ce que nous prenons
Les meubles, les matelas et les appareils ménagers.

## Quand
Le premier mardi du mois."""
[[article]]
slug = "cantine"
title = "Inscrire un enfant à la cantine"
summary = "L'inscription se fait avant le 15 juin."
theme = "enfance"
text = "Apportez l'attestation du quotient familial."
[[article]]
slug = "astreinte"
title = "Numéros d'astreinte des encombrants"
summary = "Pour les agents seulement."
theme = "dechets"
audience = ["agent"]
text = "Appelez le responsable des encombrants."
[[template]]
slug = "reponse-encombrants"
title = "Rendez-vous d'enlèvement des encombrants"
theme = "dechets"
text = "Bonjour {{usager}}, vos encombrants seront enlevés."
"#;

async fn ready(world: &World) {
    world.load(FILE).await;
    let card = ProcedureCard {
        code: "encombrants".into(),
        title: "Demander l'enlèvement d'encombrants".into(),
        keywords: vec!["canapé".into()],
        ..ProcedureCard::default()
    };
    assert!(import_procedures(&world.store, &tenant("clairval"), std::slice::from_ref(&card)).await.unwrap());
    assert!(!import_procedures(&world.store, &tenant("clairval"), &[card]).await.unwrap());
    world.knowledge.refresh().await.unwrap();
}

fn search(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), ..SearchRequest::default() }
}

on_both!(a_question_finds_the_article_and_says_why, world => {
    ready(&world).await;
    let knowledge = &world.knowledge;
    let hits = knowledge.search(&citizen(), &search("bonjour, qui prend un vieux MATELAS svp ?")).await.unwrap();
    assert_eq!(hits[0].slug, "encombrants");
    assert_eq!(hits[0].section, "Ce que nous prenons");
    assert!(hits[0].words.contains(&"MATELAS".to_owned()), "{:?}", hits[0].words);
    assert!(hits[0].excerpt.contains("matelas"));
    // What is for agents is for agents.
    let slugs = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.slug).collect::<Vec<_>>();
    assert!(!slugs(knowledge.search(&citizen(), &search("astreinte encombrants")).await.unwrap()).contains(&"astreinte".into()));
    let clerk = agent("clairval", Role::CaseWorker);
    assert!(slugs(knowledge.search(&clerk, &search("astreinte encombrants")).await.unwrap()).contains(&"astreinte".into()));
    let asked = SearchRequest { audience: "agent".into(), ..search("astreinte") };
    assert_eq!(knowledge.search(&citizen(), &asked).await.unwrap_err().kind(), ErrorKind::Denied);
    // Another town has none of it.
    let other = parvis_kernel::Caller::anonymous(tenant("petit-ormeau"));
    assert!(knowledge.search(&other, &search("matelas")).await.unwrap().is_empty());
});

on_both!(bad_questions_are_bounded_and_harm_nothing, world => {
    ready(&world).await;
    let knowledge = &world.knowledge;
    let huge = search(&"encombrants ".repeat(900_000));
    assert_eq!(knowledge.search(&citizen(), &huge).await.unwrap_err().kind(), ErrorKind::Invalid);
    for odd in ["+ - \" * ( ) ~ ^ : AND OR NOT", "", "   ", "\u{202e}\u{0}", "<script>alert(1)</script>", "%_'; DROP TABLE article; --"] {
        knowledge.search(&citizen(), &search(odd)).await.unwrap();
    }
    assert!(knowledge.search(&citizen(), &search("+ - \" * ( ) ~ ^")).await.unwrap().is_empty());
    for nowhere in ["a\0b", "É", "..", ""] {
        assert_eq!(knowledge.read_page(&citizen(), nowhere).await.unwrap_err().kind(), ErrorKind::NotFound, "{nowhere:?}");
    }
    let wrong = SuggestRequest { text: "x".into(), channel: "pigeon".into(), ..Default::default() };
    assert_eq!(knowledge.suggest(&citizen(), &wrong).await.unwrap_err().kind(), ErrorKind::Invalid);
});

on_both!(a_text_being_written_brings_articles_templates_and_procedures, world => {
    ready(&world).await;
    let text = SuggestRequest {
        text: "Bonjour, je voudrais faire enlever des encombrants, un canapé et deux matelas".into(),
        channel: "web".into(),
        ..SuggestRequest::default()
    };
    let for_citizen = world.knowledge.suggest(&citizen(), &text).await.unwrap();
    assert_eq!(for_citizen.articles[0].slug, "encombrants");
    assert_eq!(for_citizen.procedures[0].slug, "encombrants");
    assert!(for_citizen.templates.is_empty());
    let for_agent = world.knowledge.suggest(&agent("clairval", Role::FrontDesk), &text).await.unwrap();
    assert_eq!(for_agent.templates[0].slug, "reponse-encombrants");
    let chosen = SuggestRequest { procedure_code: "encombrants".into(), ..text };
    assert!(world.knowledge.suggest(&citizen(), &chosen).await.unwrap().procedures.is_empty());
});

on_both!(many_procedures_stay_in_the_order_of_their_file, world => {
    let card = |number: u32| ProcedureCard { code: format!("demarche-{}", 997 * number % 1_000), ..ProcedureCard::default() };
    let cards: Vec<ProcedureCard> = (0..600).map(card).collect();
    for cards in [&cards[..], &cards[..70]] {
        import_procedures(&world.store, &tenant("clairval"), cards).await.unwrap();
        assert_eq!(procedure_card::all(world.store.read(), &tenant("clairval")).await.unwrap(), cards);
    }
});

on_both!(what_is_searched_and_read_is_counted_without_personal_data, world => {
    ready(&world).await;
    let knowledge = &world.knowledge;
    for query in ["piscine", "Piscine !", "appelez-moi au 06 12 34 56 78", "matelas"] {
        knowledge.search(&citizen(), &search(query)).await.unwrap();
    }
    let record = |kind: &str, slug: &str| RecordUseRequest { kind: kind.into(), slug: slug.into(), ..Default::default() };
    for kind in ["opened", "helped", "not_filed"] {
        knowledge.record_use(&citizen(), &record(kind, "encombrants")).await.unwrap();
    }
    let unknown = knowledge.record_use(&citizen(), &record("opened", "rien-de-tel")).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert_eq!(knowledge.record_use(&citizen(), &record("liked", "encombrants")).await.unwrap_err().kind(), ErrorKind::Invalid);
    let usage = knowledge.get_usage(&editor(), 30).await.unwrap();
    assert_eq!((usage.searches, usage.without_result), (4, 3));
    assert_eq!((usage.opened, usage.helped, usage.not_filed), (1, 1, 1));
    let missing: Vec<_> = usage.missing.iter().map(|it| (it.key.as_str(), it.count)).collect();
    assert_eq!(missing, [("piscine", 2)]);
    assert_eq!(usage.most_opened[0].title, "Faire enlever ses encombrants");
    // Counting goes on where it was, and another town sees nothing of it.
    knowledge.search(&citizen(), &search("piscine")).await.unwrap();
    assert_eq!(knowledge.get_usage(&editor(), 30).await.unwrap().missing[0].count, 3);
    assert_eq!(knowledge.get_usage(&agent("petit-ormeau", Role::Administrator), 30).await.unwrap().searches, 0);
    world.clock.advance(jiff::SignedDuration::from_hours(24 * 40));
    assert_eq!(knowledge.get_usage(&editor(), 30).await.unwrap().searches, 0);
    knowledge.purge_counts(30).await.unwrap();
    assert_eq!(world.count("usage_count").await, 0);
});
