//! Rules written, tried, published; and what they then do.

use parvis_kernel::{CaseId, ErrorKind, RequestId, Role};
use parvis_proto::casework::{CaseSnapshot, FieldAnswer};

use super::{
    on_both,
    world::{World, caller, clairval, deliver, opened, snapshot},
};
use crate::{
    PastCases,
    domain::{
        rules::{ActionText, Catalogue, ConditionText, Finding, ProcedureForm, RuleSetText, RuleText},
        town,
    },
    repo::learning,
    usecase::{
        ExplainRouting, PublishRules, ReassignCase, SaveRuleDraft, SimulateRules, discard_rule_draft, explain_routing,
        forget_past_cases, get_rule_draft, get_rule_set, import_catalogue, list_classifier_models, list_decisions,
        list_rule_faults, list_rule_sets, load_guesser, publish_rules, reassign_case, save_rule_draft, simulate_rules,
        train_guessers,
    },
};

on_both!(
    a_simulation_is_what_then_happens,
    only_a_sound_draft_that_was_seen_is_published,
    who_may_write_rules,
    importing_changes_rules_only_when_the_file_does,
    a_rule_in_error_is_counted_and_shown,
    past_cases_have_a_term,
    what_agents_correct_is_learnt,
    a_rule_about_a_load_gives_the_case_to_somebody,
);

pub(super) fn admin() -> parvis_kernel::Caller {
    caller("nadia-r", &[Role::Administrator], &[])
}

/// Somebody who handles the cases of every unit.
fn everywhere() -> parvis_kernel::Caller {
    caller("jeanne", &[Role::Supervisor], &["accueil", "voirie", "proprete"])
}

pub(super) fn text_rule(code: &str, words: &[&str], unit: &str) -> RuleText {
    let values = words.iter().map(|word| (*word).to_owned()).collect();
    RuleText {
        code: code.to_owned(),
        name: format!("Règle {code}"),
        conditions: vec![ConditionText { kind: "words".to_owned(), values, ..ConditionText::default() }],
        actions: vec![action("unit", unit), action("stop", "")],
    }
}

pub(super) fn action(kind: &str, value: &str) -> ActionText {
    ActionText { kind: kind.to_owned(), value: value.to_owned() }
}

/// What is in force, changed.
pub(super) async fn drafted(world: &World, change: impl FnOnce(&mut RuleSetText)) -> u64 {
    let held = get_rule_draft(&world.router, &admin()).await.unwrap();
    let mut text = held.draft.text;
    change(&mut text);
    let command = SaveRuleDraft { text, expected_revision: held.draft.revision, based_on: 0 };
    save_rule_draft(&world.router, &admin(), command).await.unwrap().draft.revision
}

pub(super) async fn publish(world: &World, revision: u64) -> parvis_kernel::Result<u64> {
    let command = PublishRules { expected_revision: revision, note: "Essai\0".to_owned() };
    publish_rules(&world.router, &admin(), &command).await.map(|published| published.version)
}

/// A request with everything a rule may look at.
fn rich(text: &str, at: i64) -> CaseSnapshot {
    CaseSnapshot {
        channel: ["web", "phone"][at as usize % 2].to_owned(),
        language: ["", "pt-BR"][at as usize % 2].to_owned(),
        answers: vec![
            FieldAnswer { field: "surface".to_owned(), values: vec![(at * 7).to_string()] },
            FieldAnswer { field: "coordonnees".to_owned(), values: vec![format!("47.05,-0.9{at}")] },
        ],
        ..snapshot(RequestId::new(), text)
    }
}

async fn a_simulation_is_what_then_happens(world: World) {
    let texts = ["un matelas", "un trou rue du Port", "bonjour", "un arbre mort et un matelas"];
    let requests: Vec<CaseSnapshot> = (0..24).map(|at| rich(texts[at % 4], at as i64 / 2)).collect();
    let events: Vec<_> = requests.iter().map(|case| opened(&clairval(), case.clone())).collect();
    deliver(&world.router, &events).await.unwrap();
    let revision = drafted(&world, |text| {
        text.rules.insert(0, text_rule("arbres", &["arbre mort"], "voirie"));
        let field = ConditionText {
            kind: "field".to_owned(),
            subject: "surface".to_owned(),
            test: "at_least".to_owned(),
            values: vec!["35".to_owned()],
        };
        let spoken = ConditionText { kind: "language".to_owned(), values: vec!["pt".to_owned()], ..field.clone() };
        let spoken = ConditionText { subject: String::new(), test: String::new(), ..spoken };
        let actions = vec![action("priority", "urgent"), action("flag", "Grande surface")];
        let (code, name) = ("grands".to_owned(), "Grands".to_owned());
        text.rules.insert(0, RuleText { code, name, conditions: vec![field, spoken], actions });
    })
    .await;
    let tried = simulate_rules(&world.router, &admin(), SimulateRules::default()).await.unwrap();
    assert_eq!((tried.simulation.cases, tried.revision, tried.in_force), (24, revision, 1));
    let trees = tried.simulation.moved.iter().filter(|moved| moved.to.rule == "arbres").count();
    assert_eq!(trees, 6, "{:?}", tried.simulation.moved);
    assert!(tried.simulation.moved.iter().any(|moved| !moved.to_another_unit && !moved.changes.is_empty()));
    // Nothing moved yet, and nothing that is there moves.
    assert_eq!(publish(&world, revision).await.unwrap(), 2);
    // The same requests again.
    for request in requests {
        let before: CaseId = request.id.parse().unwrap();
        let again = CaseSnapshot { id: RequestId::new().to_string(), ..request };
        let id: CaseId = again.id.parse().unwrap();
        deliver(&world.router, &[opened(&clairval(), again)]).await.unwrap();
        let need = world.case(id).await.need.unwrap();
        let expected = match tried.simulation.moved.iter().find(|moved| moved.case_id == before) {
            Some(moved) => moved.to.clone(),
            None => world.case(before).await.need.unwrap(),
        };
        assert_eq!(need, expected);
        let decisions = list_decisions(&world.router, &everywhere(), id).await.unwrap();
        assert_eq!(decisions[0].decided.rule_set, 2);
    }
    // The first ones still explain themselves by the rules of their time.
    let first = list_decisions(&world.router, &everywhere(), tried.simulation.moved[0].case_id).await.unwrap();
    assert_eq!(first[0].decided.rule_set, 1);
    assert!(first[0].steps.iter().all(|step| step.subject != "arbres"));
}

async fn only_a_sound_draft_that_was_seen_is_published(world: World) {
    assert_eq!(publish(&world, 1).await.unwrap_err().kind(), ErrorKind::FailedPrecondition);
    let revision = drafted(&world, |text| text.rules.insert(0, text_rule("perdu", &["clef"], "nowhere"))).await;
    let error = publish(&world, revision).await.unwrap_err();
    assert_eq!((error.kind(), error.violations()[0].field.as_str()), (ErrorKind::Invalid, "rules[1].actions.unit"));
    let wrong = SaveRuleDraft { text: RuleSetText::default(), expected_revision: revision - 1, based_on: 0 };
    assert_eq!(save_rule_draft(&world.router, &admin(), wrong).await.unwrap_err().kind(), ErrorKind::Conflict);
    let mended = drafted(&world, |text| text.rules[0] = text_rule("perdu", &["clef"], "voirie")).await;
    assert_eq!(publish(&world, revision).await.unwrap_err().kind(), ErrorKind::Conflict);
    // Somebody imports other rules meanwhile.
    world.import(&town::TOWN.replace("\"matelas\",", "\"sommier\",")).await;
    assert_eq!(publish(&world, mended).await.unwrap_err().kind(), ErrorKind::Conflict);
    let held = get_rule_draft(&world.router, &admin()).await.unwrap();
    assert_eq!((held.draft.based_on, held.in_force), (1, 2));
    let again = SaveRuleDraft { text: held.draft.text, expected_revision: mended, based_on: 2 };
    let saved = save_rule_draft(&world.router, &admin(), again).await.unwrap();
    assert_eq!(publish(&world, saved.draft.revision).await.unwrap(), 3);
    let id = world.open("une clef").await;
    assert_eq!(world.case(id).await.need.unwrap().rule, "perdu");
    let (listed, in_force) = list_rule_sets(&world.router, &admin()).await.unwrap();
    assert_eq!((listed.iter().map(|set| set.version).collect::<Vec<_>>(), in_force), (vec![3, 2, 1], 3));
    assert_eq!((listed[0].author.as_str(), listed[1].author.as_str()), ("agent:nadia-r", "import"));
    let old = get_rule_set(&world.router, &admin(), 1).await.unwrap();
    assert!(!old.in_force && old.published.text.rules[1].code == "matelas");
    assert_eq!(get_rule_set(&world.router, &admin(), 9).await.unwrap_err().kind(), ErrorKind::NotFound);
    drafted(&world, |_| {}).await;
    discard_rule_draft(&world.router, &admin()).await.unwrap();
    assert_eq!(get_rule_draft(&world.router, &admin()).await.unwrap().draft.revision, 0);
}

async fn who_may_write_rules(world: World) {
    let supervisor = caller("bruno-petit", &[Role::Supervisor], &["voirie"]);
    let worker = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let save = SaveRuleDraft { text: RuleSetText::default(), expected_revision: 0, based_on: 0 };
    assert_eq!(save_rule_draft(&world.router, &supervisor, save).await.unwrap_err().kind(), ErrorKind::Denied);
    let command = PublishRules { expected_revision: 1, note: String::new() };
    assert_eq!(publish_rules(&world.router, &supervisor, &command).await.unwrap_err().kind(), ErrorKind::Denied);
    assert!(get_rule_draft(&world.router, &supervisor).await.is_ok());
    assert_eq!(get_rule_draft(&world.router, &worker).await.unwrap_err().kind(), ErrorKind::Denied);
    let tried = simulate_rules(&world.router, &worker, SimulateRules::default()).await;
    assert_eq!(tried.unwrap_err().kind(), ErrorKind::Denied);
    let none = simulate_rules(&world.router, &supervisor, SimulateRules::default()).await;
    assert_eq!(none.unwrap_err().kind(), ErrorKind::FailedPrecondition);
    // Another authority's administrator sees and changes nothing of this one's.
    drafted(&world, |_| {}).await;
    world.import(&town::TOWN.replace("clairval\"", "petit-ormeau\"")).await;
    let mut stranger = admin();
    stranger.tenant = parvis_kernel::TenantId::parse("petit-ormeau").unwrap();
    assert_eq!(get_rule_draft(&world.router, &stranger).await.unwrap().draft.revision, 0);
    world.open("un matelas").await;
    let rules = Some(RuleSetText::from_directory(&town::directory(), Vec::new()));
    let tried = simulate_rules(&world.router, &stranger, SimulateRules { rules, last: 0 }).await.unwrap();
    assert_eq!(tried.simulation.cases, 0);
}

async fn importing_changes_rules_only_when_the_file_does(world: World) {
    let revision = drafted(&world, |text| text.rules.insert(0, text_rule("clefs", &["clef"], "voirie"))).await;
    publish(&world, revision).await.unwrap();
    // The same file: nothing. Other agents: the published rules stay.
    assert!(!world.import(town::TOWN).await.changed);
    let renamed = world.import(&town::TOWN.replace("\"Voirie\"", "\"Voirie et ponts\"")).await;
    assert!(renamed.rule_set == 2 && !Finding::forbid(&renamed.findings));
    let id = world.open("une clef").await;
    assert_eq!(world.case(id).await.need.unwrap().rule, "clefs");
    // Another default unit: the default rule follows.
    let moved = world.import(&town::TOWN.replace("default_unit = \"accueil\"", "default_unit = \"voirie\"")).await;
    assert_eq!(moved.rule_set, 3);
    let id = world.open("bonjour").await;
    assert_eq!(world.case(id).await.need.unwrap().unit.as_str(), "voirie");
    let id = world.open("une clef").await;
    assert_eq!(world.case(id).await.need.unwrap().rule, "clefs");
    // Other rules in the file: they win.
    let ruled = world.import(&town::TOWN.replace("\"matelas\",", "\"sommier\",")).await;
    assert_eq!(ruled.rule_set, 4);
    let id = world.open("une clef").await;
    assert_eq!(world.case(id).await.need.unwrap().rule, "default");
    // What routing knows of procedures is compared with the rules.
    let known = Catalogue { procedures: vec![ProcedureForm { code: "permis".to_owned(), ..ProcedureForm::default() }] };
    assert!(import_catalogue(&world.store, &clairval(), &known).await.unwrap());
    assert!(!import_catalogue(&world.store, &clairval(), &known).await.unwrap());
    let seen = get_rule_set(&world.router, &admin(), 0).await.unwrap();
    assert!(seen.findings.iter().any(|finding| finding.rule == 1 && finding.message.contains("signaler-bruit")));
}

async fn a_rule_in_error_is_counted_and_shown(world: World) {
    let revision = drafted(&world, |text| {
        let mut rule = text_rule("grands", &["matelas"], "voirie");
        rule.conditions.push(ConditionText {
            kind: "field".to_owned(),
            subject: "surface".to_owned(),
            test: "more".to_owned(),
            values: vec!["10".to_owned()],
        });
        text.rules.insert(0, rule);
    })
    .await;
    publish(&world, revision).await.unwrap();
    let odd = |id: RequestId| CaseSnapshot {
        answers: vec![FieldAnswer { field: "surface".to_owned(), values: vec!["énorme".to_owned()] }],
        ..snapshot(id, "un matelas")
    };
    let ids = [RequestId::new(), RequestId::new()];
    deliver(&world.router, &ids.map(|id| opened(&clairval(), odd(id)))).await.unwrap();
    deliver(&world.router, &[opened(&clairval(), odd(RequestId::new()))]).await.unwrap();
    // By the next rule, with the error in its explanation.
    assert_eq!(world.case(ids[0]).await.need.unwrap().rule, "matelas");
    let decisions = list_decisions(&world.router, &everywhere(), ids[0]).await.unwrap();
    let step = &decisions[0].steps[0];
    assert!(step.subject == "grands" && step.why.starts_with("En erreur"), "{step:?}");
    assert!(!step.why.contains("énorme"));
    assert_eq!(
        decisions[0].sentence,
        "Ce dossier vous est arrivé parce que la règle « Encombrants » s’applique : il contient « matelas »."
    );
    let faults = list_rule_faults(&world.router, &admin()).await.unwrap();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].rule.as_str(), faults[0].times, faults[0].rule_set), ("grands", 3, 2));
}

async fn past_cases_have_a_term(world: World) {
    for at in 0..6 {
        world.at(town::monday() + jiff::SignedDuration::from_hours(24 * at));
        world.open("un matelas").await;
    }
    let rules = || Some(RuleSetText::from_directory(&town::directory(), Vec::new()));
    let kept = async || {
        let command = SimulateRules { rules: rules(), last: 100 };
        simulate_rules(&world.router, &admin(), command).await.unwrap().simulation.cases
    };
    assert_eq!(kept().await, 6);
    let command = SimulateRules { rules: rules(), last: 2 };
    assert_eq!(simulate_rules(&world.router, &admin(), command).await.unwrap().simulation.cases, 2);
    let shutdown = tokio_util::sync::CancellationToken::new();
    let keeping = |days, most| world.router.clone().keeping(PastCases { days, most });
    forget_past_cases(&keeping(3, 100), 365, &shutdown).await.unwrap();
    assert_eq!(kept().await, 4);
    forget_past_cases(&keeping(30, 2), 365, &shutdown).await.unwrap();
    assert_eq!(kept().await, 2);
    // None is kept where the town wants none.
    let router = keeping(30, 0);
    deliver(&router, &[opened(&clairval(), snapshot(RequestId::new(), "un matelas"))]).await.unwrap();
    assert_eq!(kept().await, 2);
}

async fn what_agents_correct_is_learnt(mut world: World) {
    world.router = world.router.clone().retraining_after(4);
    let train = async || {
        train_guessers(&world.router, &tokio_util::sync::CancellationToken::new()).await.unwrap();
        world.router.snapshots.guesser(&clairval()).version()
    };
    let known = |code: &str, title: &str, unit: &str, keywords: &[&str]| ProcedureForm {
        code: code.to_owned(),
        title: title.to_owned(),
        unit: unit.to_owned(),
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        ..ProcedureForm::default()
    };
    let procedures = vec![
        known("chaussee", "Signaler un trou dans la chaussée", "voirie", &["nid de poule", "trottoir", "rue abîmée"]),
        known("depots", "Signaler des déchets abandonnés", "proprete", &["ordures", "poubelle", "encombrants"]),
        known("signaler-bruit", "Signaler un bruit de voisinage", "accueil", &["tapage"]),
        known("rendez-vous", "Prendre un rendez-vous à la mairie", "accueil", &["horaires", "carte d'identité"]),
    ];
    import_catalogue(&world.store, &clairval(), &Catalogue { procedures }).await.unwrap();
    assert_eq!(train().await, 1);
    assert_eq!(train().await, 1, "nothing new to learn");
    // Followed from any probability: the guess decides. From none: it is only shown, one click each.
    let follow = async |percent| {
        let revision = drafted(&world, |text| text.guess_percent = percent).await;
        publish(&world, revision).await.unwrap();
    };
    let text = "Bonjour, il y a des ordures et une poubelle renversée devant chez moi";
    follow(1).await;
    let id = world.open(text).await;
    let need = world.case(id).await.need.unwrap();
    assert_eq!((need.unit.as_str(), need.rule.as_str()), ("proprete", "classifier"));
    let decisions = list_decisions(&world.router, &everywhere(), id).await.unwrap();
    let placed = &decisions[0].decided.trace.placed;
    assert!((1..=3).contains(&placed.guesses.len()) && placed.model == 1, "{placed:?}");
    assert!(decisions[0].sentence.contains("proposition automatique"), "{}", decisions[0].sentence);
    follow(100).await;
    let id = world.open(text).await;
    let need = world.case(id).await.need.unwrap();
    assert_eq!((need.unit.as_str(), need.rule.as_str()), ("accueil", "triage"));
    // Whoever sorts may send it on from the queue, without being its supervisor.
    for _ in 0..5 {
        world.open(text).await;
    }
    let waiting = world.open(text).await;
    assert_eq!(world.holder(waiting).await, None);
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    let reassign = |id: CaseId| ReassignCase {
        case_id: id.to_string(),
        unit: "voirie".to_owned(),
        reason: "Orientation proposée".to_owned(),
        ..ReassignCase::default()
    };
    reassign_case(&world.router, &chloe, &reassign(waiting)).await.unwrap();
    let kept = learning::corrections(world.store.read(), &clairval(), 10).await.unwrap();
    assert_eq!((kept.len(), kept[0].unit.as_str(), kept[0].text.as_str()), (1, "voirie", text));
    // Not enough of them yet.
    let before = train().await;
    for _ in 0..7 {
        let id = world.open("un sac jaune éventré par les mouettes").await;
        reassign_case(&world.router, &chloe_or_holder(&world, id).await, &reassign(id)).await.unwrap();
    }
    train().await;
    let models = learning::models(world.store.read(), &clairval(), 10).await.unwrap();
    assert_eq!((models[0].corrections, models[0].version > before), (8, true));
    // Started again, it is the same model under the same number.
    let started = crate::Router::new(world.router.store.clone(), world.router.tenants.clone()).retraining_after(4);
    train_guessers(&started, &tokio_util::sync::CancellationToken::new()).await.unwrap();
    let promoted = models.iter().find(|model| model.is_promoted).unwrap();
    assert_eq!(started.snapshots.guesser(&clairval()).version(), promoted.version);
    // A command that only looks has it too, says the same, and keeps nothing.
    let looking = crate::Router::new(world.router.store.clone(), world.router.tenants.clone());
    assert_eq!(load_guesser(&looking, &clairval()).await.unwrap(), promoted.version);
    let asked = ExplainRouting { text: text.to_owned(), ..ExplainRouting::default() };
    let guesses = async |router: &crate::Router| {
        explain_routing(router, &admin(), &asked).await.unwrap().decided.trace.placed.guesses
    };
    assert_eq!(guesses(&looking).await, guesses(&started).await);
    assert!(!guesses(&looking).await.is_empty());
    let kept = learning::models(world.store.read(), &clairval(), 10).await.unwrap();
    assert_eq!(kept.len(), models.len());
    let listed = list_classifier_models(&started, &admin()).await.unwrap();
    assert_eq!((listed.in_service, listed.guess_percent, listed.corrections), (promoted.version, 100, 8));
    assert_eq!((listed.models[0].version, listed.corrections_to_retrain), (models[0].version, 4));
    let refused = list_classifier_models(&started, &chloe).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let elsewhere = parvis_kernel::TenantId::parse("petit-ormeau").unwrap();
    assert_eq!(learning::count_corrections(world.store.read(), &elsewhere).await.unwrap(), 0);
}

/// Whoever may hand the case on.
async fn chloe_or_holder(world: &World, id: CaseId) -> parvis_kernel::Caller {
    let holder = world.holder(id).await;
    let code = holder.as_ref().map_or("chloe-blanc", |holder| holder.as_str());
    let unit = world.case(id).await.need.unwrap().unit;
    caller(code, &[Role::CaseWorker, Role::Supervisor], &[unit.as_str()])
}

/// Whom a load sends a request to is not known before the loads are: they are asked all the same.
async fn a_rule_about_a_load_gives_the_case_to_somebody(world: World) {
    let revision = drafted(&world, |text| {
        let mut rule = text_rule("trop", &["trou"], "proprete");
        rule.conditions.push(ConditionText {
            kind: "load".to_owned(),
            subject: "voirie".to_owned(),
            test: "at_least".to_owned(),
            values: vec!["40".to_owned()],
        });
        text.rules.insert(0, rule);
        text.rules.insert(1, text_rule("trous", &["trou"], "voirie"));
    })
    .await;
    publish(&world, revision).await.unwrap();
    // Five places in all at the roads: two holes are 40 %.
    let mut went = Vec::new();
    for _ in 0..3 {
        let id = world.open("un trou").await;
        assert!(world.holder(id).await.is_some());
        went.push(world.case(id).await.need.unwrap().unit.to_string());
    }
    assert_eq!(went, ["voirie", "voirie", "proprete"]);
}
