use super::*;
use crate::document::Section;

fn page(id: &str, path: &[&str], title: &str, description: &str, text: &str) -> Document {
    Document {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        sections: Section::from_headed_text(text),
        ..Document::default()
    }
}

/// A small town's pages, written for these tests.
fn town() -> Vec<Document> {
    vec![
        page(
            "bins",
            &["Cadre de vie", "Déchets"],
            "Collecte des encombrants",
            "Les meubles et le gros électroménager sont ramassés sur rendez-vous.",
            "### Jours de passage\nLe camion passe le premier mardi du mois.\n### Prendre rendez-vous\nAppelez la mairie trois jours avant. Le service est gratuit.",
        ),
        page(
            "registration",
            &["Transports", "Véhicule"],
            "Certificat d'immatriculation : changer d'adresse",
            "Après un déménagement, l'adresse du certificat d'immatriculation doit être modifiée sous un mois.",
            "### Démarche\nLa démarche se fait en ligne. Une étiquette à coller est envoyée par courrier.",
        ),
        page(
            "sale",
            &["Transports", "Véhicule"],
            "Céder un véhicule à un particulier",
            "Le vendeur déclare la cession et remet le code à l'acquéreur.",
            "### Avant la cession\nLe contrôle technique doit dater de moins de six mois.\n### Après la cession\nLe vendeur déclare la vente dans les quinze jours.",
        ),
        page(
            "burial",
            &["Famille", "Décès"],
            "Acheter une concession au cimetière",
            "Une concession est un emplacement pour la sépulture d'une famille.",
            "### Durée\nQuinze ans, trente ans ou à perpétuité.\n### Coût\nLe tarif est voté chaque année par le conseil municipal.",
        ),
        page(
            "birth",
            &["Papiers", "État civil"],
            "Copie d'un acte de naissance",
            "La copie est gratuite et se demande à la mairie du lieu de naissance.",
            "### Sur place\nPrésentez une pièce d'identité.\n### Par courrier\nÉcrivez à la mairie du lieu de naissance.",
        ),
        page(
            "canteen",
            &["Enfance", "École"],
            "S'inscrire à la cantine",
            "L'inscription à la restauration scolaire se renouvelle chaque année.",
            "### Tarifs\nLe prix du repas dépend du quotient familial.\n### Pièces à fournir\nUn justificatif de domicile et une attestation d'assurance.",
        ),
    ]
}

fn ids(index: &Index, question: &str) -> Vec<String> {
    index.search(question, &Filter::default(), 10).hits.into_iter().map(|hit| hit.id).collect()
}

fn first(question: &str) -> String {
    ids(&Index::build(town()), question).into_iter().next().unwrap_or_default()
}

#[test]
fn questions_find_their_page_as_people_write_them() {
    for (question, page) in [
        ("Bonjour, quand passez-vous pour les encombrants ? Merci d'avance, cordialement", "bins"),
        ("carte grise nouvelle adresse", "registration"),
        ("jai vendu ma voiture que dois je faire", "sale"),
        ("tombe pr mon père au cimetiere", "burial"),
        ("COPIE ACTE NAISSANCE", "birth"),
        ("extrait de naisance", "birth"),
        ("inscription cantinne scolaire", "canteen"),
        ("prix repas ecole", "canteen"),
    ] {
        assert_eq!(first(question), page, "{question}");
    }
}

#[test]
fn accents_change_nothing() {
    let index = Index::build(town());
    let with = index.search("Déménagement : modifier l'adresse du véhicule à l'étranger", &Filter::default(), 10);
    let without = index.search("Demenagement : modifier l'adresse du vehicule a l'etranger", &Filter::default(), 10);
    let scores = |found: &Found| found.hits.iter().map(|hit| (hit.id.clone(), hit.score)).collect::<Vec<_>>();
    assert_eq!(scores(&with), scores(&without));
}

#[test]
fn nothing_telling_finds_nothing() {
    let index = Index::build(town());
    for question in
        ["", "   ", "AND OR NOT", "+-!(){}[]^\"~*?:\\/ && ||", "bonjour merci cordialement", "zzzzqqq", "\u{0}\u{301}"]
    {
        let found = index.search(question, &Filter::default(), 10);
        assert!(found.hits.is_empty(), "{question:?} found {:?}", found.hits);
    }
    assert!(Index::build([]).search("naissance", &Filter::default(), 10).hits.is_empty());
    assert!(index.search("naissance", &Filter::default(), 0).hits.is_empty());
}

#[test]
fn a_huge_question_is_read_in_part() {
    let index = Index::build(town());
    let mut question = "je voudrais une copie de mon acte de naissance. ".to_owned();
    question.push_str(&"blabla encombrants é ".repeat(500_000));
    assert!(question.len() > 10_000_000);
    assert!(!index.search(&question, &Filter::default(), 10).hits.is_empty());
    let one_word = "x".repeat(10_000_000);
    assert!(index.search(&one_word, &Filter::default(), 10).hits.is_empty());
}

#[test]
fn a_long_rambling_mail_finds_its_subject() {
    let mail = "Bonjour Madame, je me permets de vous écrire car suite à mon récent déménagement, qui s'est très bien passé malgré \
                la pluie, mes voisins sont charmants, je ne sais plus trop comment faire pour le certificat d'immatriculation \
                de ma voiture et pour changer l'adresse. Je vous remercie par avance de votre réponse. Bien cordialement";
    assert_eq!(first(mail), "registration");
}

#[test]
fn a_hit_says_which_words_and_which_section() {
    let index = Index::build(town());
    let found = index.search("controle technique pour vendre", &Filter::default(), 1);
    let hit = &found.hits[0];
    assert_eq!(hit.id, "sale");
    let section = hit.best_section.and_then(|number| Some(&index.document(&hit.id)?.sections[number].heading));
    assert_eq!(section.map(String::as_str), Some("Avant la cession"));
    let typed: Vec<&str> = hit.words.iter().map(|word| word.typed.as_str()).collect();
    assert!(typed.contains(&"controle") && typed.contains(&"technique"), "{typed:?}");
    assert!(hit.words.iter().any(|word| word.found_as.is_some()), "{:?}", hit.words);
}

#[test]
fn a_part_of_a_synonym_of_several_words_finds_nothing() {
    // "Divorce" leads to the "juge aux affaires familiales", and the canteen speaks of a "quotient familial".
    let index = Index::build(town());
    assert_eq!(ids(&index, "divorce"), Vec::<String>::new());
    let court = page("court", &["Justice"], "Juge aux affaires familiales", "", "Il siège au tribunal.");
    let witness = page("witness", &["Justice"], "Témoigner devant un juge", "", "Présentez la convocation.");
    let found = index.with_changes([court, witness], &[]).search("divorce", &Filter::default(), 10);
    assert_eq!(found.hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>(), ["court"]);
    let word = &found.hits[0].words[0];
    assert_eq!((word.typed.as_str(), word.found_as.as_deref()), ("divorce", Some("juge aux affaires familiales")));
}

#[test]
fn of_equal_pages_the_one_of_the_likelier_theme_comes_first() {
    let mut documents = vec![
        page("a", &["Papiers", "Titres"], "Délai d'obtention", "", "Comptez un mois."),
        page("b", &["Transports", "Permis"], "Délai d'obtention", "", "Comptez un mois."),
        page("c", &["Papiers", "Titres"], "Passeport biométrique", "", "Deux photos sont demandées."),
        page("d", &["Transports", "Permis"], "Épreuve de conduite", "", "Un examinateur accompagne le candidat."),
    ];
    let first = |documents: &[Document], question: &str| {
        let found = Index::build(documents.to_vec()).search(question, &Filter::default(), 4);
        let hit = found.hits.iter().find(|hit| hit.id == "a" || hit.id == "b").cloned();
        hit.map(|hit| (hit.id, hit.features.theme.is_some()))
    };
    assert_eq!(first(&documents, "délai obtention conduite"), Some(("b".to_owned(), true)));
    assert_eq!(first(&documents, "délai obtention passeport"), Some(("a".to_owned(), true)));
    documents.iter_mut().for_each(|document| document.path.clear());
    assert_eq!(first(&documents, "délai obtention conduite"), Some(("a".to_owned(), false)));
}

#[test]
fn a_misspelt_word_is_suggested_and_searched() {
    let index = Index::build(town());
    let found = index.search("concesion cimetierre", &Filter::default(), 3);
    assert_eq!(found.hits[0].id, "burial");
    assert_eq!(found.suggestions[0].typed, "concesion");
    assert_eq!(found.suggestions[0].meant, "concession");
    assert_eq!(found.suggestions[0].offsets, 0..9);
}

#[test]
fn filters_keep_what_has_one_of_the_values() {
    let mut documents = town();
    for document in &mut documents {
        let audience = if document.id == "birth" { "associations" } else { "particuliers" };
        document.facets.insert("audience".to_owned(), [audience.to_owned()].into());
    }
    let index = Index::build(documents);
    let search =
        |filter: Filter| index.search("mairie", &filter, 10).hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>();
    assert_eq!(search(Filter::facet("audience", ["associations"])), ["birth"]);
    assert!(!search(Filter::facet("audience", ["particuliers", "autres"])).contains(&"birth".to_owned()));
    assert!(search(Filter::facet("language", ["fr"])).is_empty());
}

#[test]
fn changing_an_index_equals_building_it_anew() {
    let mut moved = town().remove(0);
    moved.title = "Déchetterie et encombrants".to_owned();
    let added = page("library", &["Culture"], "Horaires de la bibliothèque", "", "Ouverte le samedi.");
    let changed = Index::build(town()).with_changes([moved.clone(), added.clone()], &["burial", "unknown"]);
    let mut documents: Vec<Document> =
        town().into_iter().filter(|document| document.id != "burial" && document.id != "bins").collect();
    documents.extend([added, moved]);
    let anew = Index::build(documents);
    for question in
        ["déchetterie encombrants mairie", "bibliothèque samedi", "concession cimetière", "vendre ma voiture"]
    {
        assert_eq!(
            changed.search(question, &Filter::default(), 10),
            anew.search(question, &Filter::default(), 10),
            "{question}"
        );
    }
    assert!(changed.document("burial").is_none() && changed.document("library").is_some());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whatever is typed, a search ends, its scores go down, and it says the same again.
        #[test]
        fn any_question_is_answered_in_order(question in any::<String>(), words in "[a-zéèà' ]{0,80}") {
            let index = Index::build(town());
            for question in [question, words] {
                let found = index.search(&question, &Filter::default(), 10);
                prop_assert!(found.hits.windows(2).all(|pair| pair[0].score >= pair[1].score));
                prop_assert!(found.hits.iter().all(|hit| hit.score.is_finite()));
                prop_assert!(found.suggestions.iter().all(|one| question.get(one.offsets.clone()) == Some(&one.typed)));
                prop_assert_eq!(&found, &index.search(&question, &Filter::default(), 10));
            }
        }

        /// The order in which documents come does not show.
        #[test]
        fn the_order_of_documents_does_not_matter(documents in Just(town()).prop_shuffle(), question in "(carte|acte|mairie|cantine|vendre|tombe|durée| ){1,8}") {
            let one = Index::build(town()).search(&question, &Filter::default(), 10);
            let other = Index::build(documents).search(&question, &Filter::default(), 10);
            prop_assert_eq!(one, other);
        }
    }
}
