//! Requests that are rather another body's.

use parvis_kernel::{CaseId, ErrorKind, Role};
use parvis_proto::casework::CaseSnapshot;

use super::{
    on_both,
    rule_sets::{action, admin, drafted, publish, text_rule},
    world::{World, caller, changed, clairval, deliver, snapshot},
};
use crate::{
    domain::rules::BodyText,
    repo::transfer,
    usecase::{ExplainRouting, RefuseTransfer, explain_routing, refuse_transfer, train_guessers},
};

on_both!(a_misdirected_request_is_proposed_for_transfer, the_classifier_proposes_a_transfer_too);

async fn proposed(world: &World, id: CaseId) -> transfer::Transfer {
    transfer::find(world.store.read(), &clairval(), id).await.unwrap().unwrap()
}

async fn a_misdirected_request_is_proposed_for_transfer(mut world: World) {
    let revision = drafted(&world, |text| {
        let mut rule = text_rule("caf", &["allocation"], "accueil");
        rule.actions.insert(0, action("transfer", "caf"));
        text.rules.insert(0, rule);
        let (code, name, phone) = ("caf".to_owned(), "CAF".to_owned(), "3230".to_owned());
        let email = "demandes@caf.example".to_owned();
        text.bodies.push(BodyText { code, name, phone, email, ..BodyText::default() });
    })
    .await;
    publish(&world, revision).await.unwrap();
    let asked = ExplainRouting { text: "mon allocation".to_owned(), ..ExplainRouting::default() };
    let explained = explain_routing(&world.router, &admin(), &asked).await.unwrap();
    assert!(explained.steps.iter().any(|step| step.kind == "transfer" && step.why.contains("3230")));
    // Refused: it stays, and is not proposed again.
    let id = world.open("mon allocation").await;
    assert_eq!(
        (proposed(&world, id).await.state.as_str(), proposed(&world, id).await.proposal.name.as_str()),
        ("proposed", "CAF")
    );
    let [said] = &world.proposals()[..] else { panic!("one proposal is said") };
    assert_eq!((said.case_id.as_str(), said.reference.as_str()), (id.to_string().as_str(), "412-873-952-K"));
    assert_eq!((said.body.as_str(), said.name.as_str(), said.proposed_by.as_str()), ("caf", "CAF", "caf"));
    assert_eq!((said.contact.as_str(), said.email.as_str()), ("3230, demandes@caf.example", "demandes@caf.example"));
    let command = RefuseTransfer { case_id: id.to_string(), reason: "C’est\0 pour nous".to_owned() };
    let elsewhere = caller("alice-roy", &[Role::CaseWorker], &["voirie"]);
    let denied = refuse_transfer(&world.router, &elsewhere, &command).await;
    assert_eq!(denied.unwrap_err().kind(), ErrorKind::NotFound);
    let chloe = caller("chloe-blanc", &[Role::CaseWorker], &["accueil"]);
    refuse_transfer(&world.router, &chloe, &command).await.unwrap();
    let [said] = &world.refusals()[..] else { panic!("one refusal is said") };
    assert_eq!((said.case_id.as_str(), said.body.as_str()), (id.to_string().as_str(), "caf"));
    assert_eq!((said.actor.as_str(), said.reason.as_str()), ("agent:chloe-blanc", "C’est pour nous"));
    let kept = proposed(&world, id).await;
    assert_eq!((kept.state.as_str(), kept.actor.as_str()), ("refused", "agent:chloe-blanc"));
    let again = refuse_transfer(&world.router, &chloe, &command).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::FailedPrecondition);
    assert!(world.refusals().is_empty(), "what was denied or too late is not said");
    let reopened = CaseSnapshot { state: "reopened".to_owned(), version: 3, ..snapshot(id, "mon allocation") };
    world.close(id, 2).await;
    deliver(&world.router, &[changed(&clairval(), reopened, "reopened")]).await.unwrap();
    assert_eq!(proposed(&world, id).await.state, "refused");
    assert!(world.proposals().is_empty(), "said once a case");
    // Confirmed by the closing of the case.
    let id = world.open("mon allocation").await;
    let closed = CaseSnapshot {
        state: "closed".to_owned(),
        outcome: "transferred_out".to_owned(),
        version: 2,
        ..snapshot(id, "mon allocation")
    };
    deliver(&world.router, &[changed(&clairval(), closed, "closed")]).await.unwrap();
    assert_eq!(proposed(&world, id).await.state, "confirmed");
    assert_eq!(world.proposals().len(), 1);
    assert!(transfer::find(world.store.read(), &clairval(), world.open("un trou").await).await.unwrap().is_none());
    assert!(world.proposals().is_empty());
}

async fn the_classifier_proposes_a_transfer_too(mut world: World) {
    train_guessers(&world.router, &tokio_util::sync::CancellationToken::new()).await.unwrap();
    let revision = drafted(&world, |text| text.guess_percent = 1).await;
    publish(&world, revision).await.unwrap();
    world.open("Je n'ai pas reçu mes allocations familiales ni mon aide au logement de la CAF").await;
    let said = world.proposals();
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].body.as_str(), said[0].proposed_by.as_str()), ("caf", "classifier"));
    assert!(said[0].email.is_empty(), "no national list has one");
}
