//! A request that is sent on to another body: who reads it, who posts it.

use parvis_kernel::{Caller, Role};
use parvis_notification::NotificationApi;
use parvis_proto::{
    casework::NoticeRequested,
    common::{FieldValue, Requester},
    notification::{
        ListFailuresRequest, ListHandoversRequest, ListNoticesRequest, MarkHandedOverRequest, Notice,
        notification_service_server::NotificationService as _,
    },
};
use tonic::Code;

use crate::{
    smtp::SmtpSink,
    support::{agent, call, clock, config, consume, courier, deliver, described, event, notice, stores, tenant},
};

/// What only those who read the case may see.
const SAID: &str = "Je n’ai rien reçu depuis janvier.";

fn referral(mode: &str) -> NoticeRequested {
    let field = FieldValue { name: "request_text".into(), value: SAID.into() };
    NoticeRequested {
        tracking_code: String::new(),
        recipient: Some(Requester {
            organization_name: "CAF du Val".into(),
            email: "demandes@caf.example".into(),
            contact_mode: mode.into(),
            ..Requester::default()
        }),
        fields: vec![field],
        ..notice("referral", mode)
    }
}

fn reads(notice: &Notice) -> bool {
    notice.body.contains(SAID)
}

#[tokio::test]
async fn it_is_read_by_those_who_read_the_case_alone() {
    let clock = clock();
    for store in stores(&clock).await {
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let sent = referral("email");
        consume(&store, &[event(&tenant(), &sent)]).await;
        sink.to_recipients(["550 5.1.1 no such user"]);
        assert_eq!(deliver(&courier(&store, &config(&sink.url(), folder.path()))).await, 1);
        let read = async |roles: &[Role], units: &[&str]| {
            let message = ListNoticesRequest { case_id: sent.case_id.clone(), ..ListNoticesRequest::default() };
            let seen = NotificationApi::new(store.clone()).list_notices(call(&agent(roles, units), message)).await;
            seen.is_ok_and(|seen| seen.get_ref().notices.iter().any(reads))
        };
        for role in [Role::FrontDesk, Role::CaseWorker, Role::Supervisor] {
            assert!(read(&[role], &["voirie"]).await, "{role}");
        }
        assert!(!read(&[Role::FrontDesk], &["accueil"]).await);
        assert!(!read(&[Role::FrontDesk, Role::CaseWorker], &["etat-civil"]).await);
        assert!(!read(&[Role::FrontDesk, Role::ElectedOfficial], &["voirie"]).await);
        assert!(!read(&[Role::Administrator], &["voirie"]).await);
        // In the list of failures nobody reads it, whoever they are.
        for caller in [agent(&[Role::Administrator], &[]), agent(&[Role::Supervisor], &["voirie"])] {
            let api = NotificationApi::new(store.clone());
            let listed = api.list_failures(call(&caller, ListFailuresRequest::default())).await.unwrap().into_inner();
            assert_eq!(listed.notices.len(), 1);
            assert_eq!((listed.notices[0].body.as_str(), listed.notices[0].mode.as_str()), ("", "email"));
        }
    }
}

#[tokio::test]
async fn it_is_posted_by_those_who_read_the_case_alone() {
    let clock = clock();
    for store in stores(&clock).await {
        let (posted, other) = (referral("letter"), notice("message", "letter"));
        consume(&store, &[event(&tenant(), &posted), event(&tenant(), &other)]).await;
        consume(&store, &[described(1, &[("voirie", false)])]).await;
        let api = NotificationApi::new(store.clone());
        let carried = async |caller: &Caller| {
            let listed = api.list_handovers(call(caller, ListHandoversRequest::default())).await.unwrap();
            let mut kinds: Vec<_> = listed.into_inner().notices.into_iter().map(|it| (reads(&it), it.kind)).collect();
            kinds.sort();
            kinds
        };
        let mark = async |caller: &Caller| {
            let message = MarkHandedOverRequest { notice_id: posted.notice_id.clone() };
            api.mark_handed_over(call(caller, message)).await.map(|done| reads(done.get_ref())).map_err(|it| it.code())
        };
        let all = [(false, "message".to_owned()), (true, "referral".to_owned())];
        let elsewhere = agent(&[Role::FrontDesk], &["accueil"]);
        assert_eq!(carried(&elsewhere).await, all[..1], "everybody's letters, but no request");
        assert_eq!(mark(&elsewhere).await, Err(Code::NotFound));
        let here = agent(&[Role::FrontDesk], &["voirie"]);
        assert_eq!(carried(&here).await, all);
        let worker = agent(&[Role::CaseWorker], &["voirie"]);
        assert_eq!(carried(&worker).await, all);
        assert_eq!(mark(&worker).await, Ok(true));
        assert_eq!(carried(&here).await, all[..1]);
    }
}
