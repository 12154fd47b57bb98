//! Tracking codes: in what goes to the person, and nowhere else.

use jiff::SignedDuration;
use parvis_bus::{Event, EventHandler as _};
use parvis_kernel::{EventId, RequestId, Role};
use parvis_notification::{CodeConsumer, NotificationApi};
use parvis_proto::{
    casework::NoticeRequested,
    events,
    intake::{RequestReceived, SubmittedRequest},
    notification::{
        ListHandoversRequest, Notice, ReadHandoversRequest, notification_service_server::NotificationService as _,
    },
};
use parvis_store::Store;
use prost::Message as _;
use tonic::Code;

use crate::support::*;

/// What casework asks for now: without the code.
fn without_code(kind: &str, mode: &str) -> NoticeRequested {
    NoticeRequested { tracking_code: String::new(), ..notice(kind, mode) }
}

/// Intake says a request's code.
async fn learn(store: &Store, case_id: &str, code: &str) {
    let case: RequestId = case_id.parse().unwrap();
    let request = SubmittedRequest { request_id: case_id.into(), ..Default::default() };
    let message = RequestReceived { request: Some(request), tracking_code: code.into(), ..Default::default() };
    let event = Event {
        id: EventId::new(),
        tenant: tenant(),
        kind: events::REQUEST_RECEIVED.into(),
        partition: case.partition(),
        subject: case_id.into(),
        traceparent: String::new(),
        at: clock_start(),
        payload: message.encode_to_vec().into(),
    };
    let mut tx = store.begin().await.unwrap();
    // Twice in one batch, and again later, is once.
    CodeConsumer.handle(&mut tx, &[event.clone(), event]).await.unwrap();
    tx.commit().await.unwrap();
}

fn mails(folder: &tempfile::TempDir) -> Vec<String> {
    let files = std::fs::read_dir(folder.path()).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[tokio::test]
async fn a_mail_waits_for_its_code_and_carries_it_alone() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let asked = without_code("message", "email");
        consume(&store, &[event(&tenant(), &asked)]).await;
        assert_eq!(deliver(&courier).await, 0, "nothing goes without it");
        learn(&store, &asked.case_id, CODE).await;
        learn(&store, &asked.case_id, CODE).await;
        assert_eq!(deliver(&courier).await, 0, "its turn comes in a second");
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(deliver(&courier).await, 1);
        let sent = mails(&folder);
        assert!(sent.len() == 1 && sent[0].contains(CODE), "{sent:?}");
        let seen = views_of(&store, &asked.case_id, agent(&[Role::CaseWorker], &["voirie"])).await.remove(0);
        assert_eq!((seen.state.as_str(), seen.attempts.len()), ("sent", 1), "waiting is no try");
        for reader in [agent(&[Role::CaseWorker], &["voirie"]), follower(tenant(), &asked.case_id)] {
            let view = views_of(&store, &asked.case_id, reader).await.remove(0);
            assert!(!view.body.contains(CODE) && !view.body.contains('\u{E000}'), "{}", view.body);
        }
        // What never comes is seen to fail.
        let lost = without_code("message", "email");
        consume(&store, &[event(&tenant(), &lost)]).await;
        clock.advance(SignedDuration::from_mins(61));
        assert_eq!(deliver(&courier).await, 1);
        let seen = views_of(&store, &lost.case_id, agent(&[Role::CaseWorker], &["voirie"])).await.remove(0);
        assert_eq!(seen.state, "failed");
    }
}

#[tokio::test]
async fn whoever_carries_a_letter_reads_it_whole_by_its_own_door() {
    let clock = clock();
    for store in stores(&clock).await {
        let api = NotificationApi::new((*store).clone());
        let (ours, theirs) = (without_code("message", "letter"), without_code("message", "email"));
        consume(&store, &[event(&tenant(), &ours), event(&tenant(), &theirs)]).await;
        consume(&store, &[described(1, &[("voirie", false)])]).await;
        let desk = agent(&[Role::FrontDesk], &[]);
        let list = async || -> Vec<Notice> {
            api.list_handovers(call(&desk, ListHandoversRequest::default())).await.unwrap().into_inner().notices
        };
        let read = async |caller, ids: &[&NoticeRequested]| -> Result<Vec<Notice>, Code> {
            let notice_ids = ids.iter().map(|notice| notice.notice_id.clone()).collect();
            let answer = api.read_handovers(call(caller, ReadHandoversRequest { notice_ids })).await;
            answer.map(|answer| answer.into_inner().notices).map_err(|status| status.code())
        };
        assert_eq!(read(&desk, &[&ours]).await.err(), Some(Code::Unavailable), "not yet");
        learn(&store, &ours.case_id, CODE).await;
        let listed = list().await;
        assert!(listed.len() == 1 && !listed[0].body.contains(CODE) && listed[0].body.contains("···"), "{listed:?}");
        assert!(read(&desk, &[&ours]).await.unwrap()[0].body.contains(CODE));
        assert_eq!(read(&desk, &[&ours, &theirs]).await.err(), Some(Code::FailedPrecondition), "it goes by itself");
        let unknown = without_code("message", "letter");
        let mayor = agent(&[Role::ElectedOfficial, Role::FrontDesk, Role::Supervisor], &["voirie"]);
        let stranger = agent(&[Role::CaseWorker], &["etat-civil"]);
        assert_eq!(read(&desk, &[&unknown]).await.err(), Some(Code::NotFound));
        assert_eq!(read(&mayor, &[&ours]).await.err(), Some(Code::NotFound), "elected, whatever else");
        assert_eq!(read(&stranger, &[&ours]).await.err(), Some(Code::NotFound));
        let person = follower(tenant(), &ours.case_id);
        assert_eq!(read(&person, &[&ours]).await.err(), Some(Code::Unauthenticated));
        let many = vec![&ours; 201];
        assert_eq!(read(&desk, &many).await.err(), Some(Code::InvalidArgument));
    }
}
