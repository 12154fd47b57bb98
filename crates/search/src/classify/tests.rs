//! What holds for every model, on a small town written for these tests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Correction, Example, Head, Model, Part, Source, SourceKind, compare};

/// Title, text, theme, unit, body.
const TOWN: [(&str, &str, &str, &str, &str); 12] = [
    (
        "Demander un acte de naissance",
        "La mairie du lieu de naissance délivre les copies d'acte.\n\nLa demande se fait au guichet ou par courrier, sans frais.",
        "Papiers",
        "etat-civil",
        "mairie",
    ),
    (
        "Renouveler sa carte d'identité",
        "Prenez rendez-vous au guichet avec une photo récente et un justificatif de domicile.",
        "Papiers",
        "etat-civil",
        "mairie",
    ),
    (
        "Faire un passeport pour un enfant",
        "La présence de l'enfant est demandée au dépôt du dossier de passeport.",
        "Papiers",
        "etat-civil",
        "mairie",
    ),
    (
        "Changer l'adresse de sa carte grise",
        "Le certificat d'immatriculation se modifie en ligne après un déménagement.",
        "Véhicules",
        "aucun",
        "france_titres",
    ),
    (
        "Refaire un permis de conduire perdu",
        "Déclarez la perte du permis puis demandez un duplicata en ligne.",
        "Véhicules",
        "aucun",
        "france_titres",
    ),
    (
        "Mettre un véhicule en fourrière",
        "Une voiture abandonnée ou qui gêne la circulation est enlevée par la police municipale.",
        "Véhicules",
        "police",
        "mairie",
    ),
    (
        "Toucher une aide au logement",
        "La caisse calcule l'aide au loyer selon les revenus du foyer et le bail.",
        "Logement",
        "aucun",
        "caf",
    ),
    (
        "Demander un logement social",
        "Le dossier de location à loyer modéré se dépose une fois pour toutes les communes.",
        "Logement",
        "habitat",
        "mairie",
    ),
    (
        "Signaler un logement insalubre",
        "Humidité, chauffage en panne, nuisibles : le service d'hygiène visite l'appartement loué.",
        "Logement",
        "habitat",
        "mairie",
    ),
    (
        "Inscrire un enfant à la cantine",
        "Les repas de l'école se réservent au mois et se paient selon le quotient familial.",
        "Enfance",
        "ecoles",
        "mairie",
    ),
    (
        "Inscrire un enfant à l'école maternelle",
        "L'inscription scolaire se fait avec le livret de famille et le carnet de vaccination.",
        "Enfance",
        "ecoles",
        "mairie",
    ),
    (
        "Obtenir une place en crèche",
        "La commission attribue les places d'accueil des tout-petits au printemps.",
        "Enfance",
        "ecoles",
        "mairie",
    ),
];

fn town() -> Vec<Example> {
    let mut examples = Vec::new();
    for (number, (title, text, theme, unit, body)) in TOWN.iter().enumerate() {
        let labels = BTreeMap::from([
            (Head::Theme, (*theme).to_owned()),
            (Head::SubTheme, format!("{theme} › {unit}")),
            (Head::Unit, (*unit).to_owned()),
            (Head::Competence, (*body).to_owned()),
        ]);
        for (part, text) in [(Part::Title, title), (Part::Body, text)] {
            examples.push(Example {
                source: Source { kind: SourceKind::Article, id: number.to_string() },
                part,
                text: (*text).to_owned(),
                labels: labels.clone(),
                weight: 1.0,
            });
        }
    }
    examples
}

fn correction(id: &str, text: &str, unit: &str) -> Example {
    Example {
        source: Source { kind: SourceKind::Correction, id: id.to_owned() },
        part: Part::Summary,
        text: text.to_owned(),
        labels: BTreeMap::from([(Head::Unit, unit.to_owned())]),
        weight: 1.0,
    }
}

fn first(model: &Model, head: Head, message: &str) -> String {
    model
        .predict(message)
        .guesses
        .get(&head)
        .and_then(|guesses| guesses.first())
        .map(|g| g.label.clone())
        .unwrap_or_default()
}

#[test]
fn messages_find_their_theme_unit_and_body() {
    let model = Model::train(&town());
    for (message, theme, unit, body) in [
        ("bonjour, je voudrais une copie de mon acte de naissance svp", "Papiers", "etat-civil", "mairie"),
        ("jai demenager comment changer ladresse sur ma carte grise", "Véhicules", "aucun", "france_titres"),
        ("il y a de l'humiditée et des nuisible dans mon appartement", "Logement", "habitat", "mairie"),
        ("ma fille mange a la cantine combien coute le repas", "Enfance", "ecoles", "mairie"),
    ] {
        assert_eq!(first(&model, Head::Theme, message), theme, "{message}");
        assert_eq!(first(&model, Head::Unit, message), unit, "{message}");
        assert_eq!(first(&model, Head::Competence, message), body, "{message}");
    }
}

#[test]
fn the_words_that_weighed_are_those_of_the_subject_as_typed() {
    let prediction = Model::train(&town()).predict("Bonjour, combien coûte la CANTINE merci");
    let words = &prediction.words[&Head::Theme];
    let first = |at: usize| words[at].first().map(|weight| weight.word.as_str());
    assert_eq!(first(0), Some("CANTINE"), "{words:?}");
    assert!(words[1..].iter().flatten().all(|weight| weight.word != "CANTINE"), "what speaks for one only: {words:?}");
}

#[test]
fn without_examples_nothing_is_said_and_nothing_breaks() {
    let model = Model::train(&[]);
    assert!(model.predict("bonjour").guesses.is_empty());
    let mut nothing = town();
    for (number, example) in nothing.iter_mut().enumerate() {
        example.weight = [0.0, -1.0, f32::NAN, f32::INFINITY][number % 4];
    }
    assert!(Model::train(&nothing).predict("bonjour").guesses.is_empty());
}

#[test]
fn an_empty_message_has_no_preference() {
    let model = Model::train(&town());
    for message in ["", "   ", "??? AND OR NOT * \"", "bonjour merci"] {
        let guesses = &model.predict(message).guesses[&Head::Theme];
        assert!(guesses.iter().all(|guess| (guess.probability - 0.25).abs() < 1e-6), "{message}: {guesses:?}");
    }
}

#[test]
fn ten_megabytes_are_read_up_to_the_bound() {
    let model = Model::train(&town());
    let start = "inscrire mon enfant à la cantine ".repeat(500);
    assert!(start.len() > crate::analysis::MAXIMUM_QUESTION_BYTES);
    let long = start.clone() + &"carte grise permis ".repeat(550_000);
    assert!(long.len() > 10_000_000);
    assert_eq!(model.predict(&long), model.predict(&start));
}

#[test]
fn what_only_two_corrections_contain_is_forgotten() {
    let trained = |count: usize| {
        let mut examples = town();
        for number in 0..count {
            examples.push(correction(&format!("c{number}"), "Ambroisine Balivet veut un logement", "habitat"));
        }
        Model::train(&examples)
    };
    let remembers = |model: &Model, word: &str| {
        let hash = super::features::hash(b't', &crate::analysis::Analyzer::new().stem(word));
        model.vocabulary.hashes.binary_search(&hash).is_ok() || model.neighbours.remembers(hash)
    };
    let (two, three) = (trained(2), trained(3));
    for name in ["ambroisine", "balivet"] {
        assert!(!remembers(&two, name) && remembers(&three, name), "{name}");
    }
    assert!(remembers(&two, "logement"));
    let bytes = three.to_bytes();
    assert!(!bytes.windows(10).any(|window| window.eq_ignore_ascii_case(b"ambroisine")), "kept as text");
}

#[test]
fn corrections_teach_what_articles_do_not_say() {
    let mut examples = town();
    let message = "la boîte à livres du square est cassée";
    for number in 0..5 {
        examples.push(correction(&format!("c{number}"), message, "espaces-verts"));
    }
    let (old, new) = (Model::train(&town()), Model::train(&examples));
    let held_out = [Correction {
        text: "quelqu'un a cassé la boite a livre".to_owned(),
        labels: BTreeMap::from([(Head::Unit, "espaces-verts".to_owned())]),
    }];
    let forward = compare(&old, &new, &held_out);
    assert!(forward.promoted, "{forward:?}");
    assert_eq!(forward.heads[&Head::Unit].candidate, 1);
    let backward = compare(&new, &old, &held_out);
    assert!(!backward.promoted, "{backward:?}");
    assert!(compare(&new, &old, &[]).promoted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_examples_changes_no_bit(order in Just((0..24).collect::<Vec<usize>>()).prop_shuffle()) {
        let town = town();
        let shuffled: Vec<Example> = order.iter().map(|index| town[*index].clone()).collect();
        let (one, other) = (Model::train(&shuffled), Model::train(&town));
        prop_assert_eq!(one.to_bytes(), other.to_bytes());
        prop_assert_eq!(one.version(), other.version());
    }

    #[test]
    fn probabilities_are_sorted_and_add_up_to_one(message in "(\\PC{0,40}|[a-zéè' ]{0,80}|(carte|permis|enfant|loyer| ){0,12})") {
        let model = Model::train(&town());
        let prediction = model.predict(&message);
        for guesses in prediction.guesses.values() {
            let sum: f32 = guesses.iter().map(|guess| guess.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-4);
            prop_assert!(guesses.is_sorted_by(|a, b| a.probability >= b.probability));
        }
        for weights in prediction.words.values().flatten() {
            prop_assert!(weights.iter().all(|weight| weight.weight > 0.0 && message.contains(&weight.word)));
        }
    }
}
