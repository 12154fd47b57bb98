//! The role over both databases, with a real SMTP conversation.

mod codes;
mod referrals;
mod retention;
mod smtp;
mod strangers;
mod support;

use std::time::Duration;

use jiff::SignedDuration;
use parvis_kernel::{Caller, ErrorKind, PageRequest, Role, TenantId};
use parvis_notification::{
    domain::schedule,
    usecase::{self, ListNotices, NoticeView},
};
use parvis_testkit::wait_until;
use smtp::{Answer, SmtpSink};
use support::*;

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let line = message.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("{name} not in {message}")).trim()
}

/// As an agent of the unit in charge sees them.
async fn views(store: &parvis_store::Store, case: &str) -> Vec<parvis_proto::notification::Notice> {
    views_of(store, case, agent(&[Role::CaseWorker], &["voirie"])).await
}

#[tokio::test]
async fn each_mode_goes_its_way_once_however_often_it_is_asked_for() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let notices: Vec<_> =
            ["email", "portal", "letter", "phone", "sms"].map(|mode| notice("message", mode)).to_vec();
        let events: Vec<_> = notices.iter().map(|notice| event(&tenant(), notice)).collect();
        consume(&store, &events).await;
        consume(&store, &events).await;
        // The same notices under other events, and twice in one batch.
        let again: Vec<_> = notices.iter().chain(&notices).map(|notice| event(&tenant(), notice)).collect();
        consume(&store, &again).await;
        let mut states: Vec<_> = said.take().into_iter().map(|(kind, of)| (of.mode, of.state, kind)).collect();
        states.sort();
        let delivered = "notification_delivered";
        assert_eq!(
            states,
            [
                ("letter".into(), "to_hand_over".into(), delivered.into()),
                ("phone".into(), "to_hand_over".into(), delivered.into()),
                ("portal".into(), "sent".into(), delivered.into()),
                ("sms".into(), "to_hand_over".into(), delivered.into()),
            ] as [(String, String, String); 4]
        );
        assert_eq!(deliver(&courier).await, 1);
        assert_eq!(deliver(&courier).await, 0);
        let sent = said.take();
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].1.mode.as_str(), sent[0].1.state.as_str()), ("email", "sent"));
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, [std::ffi::OsString::from(format!("{}.eml", notices[0].notice_id))]);
        let file = std::fs::read_to_string(folder.path().join(&files[0])).unwrap();
        assert_eq!(header(&file, "To:"), "To: =?utf-8?b?Wm/DqSDDiWxhbg==?= <zoe@example.org>");
        assert_eq!(header(&file, "Reply-To:"), "Reply-To: voirie@clairval.example");
        for notice in &notices {
            let views = views(&store, &notice.case_id).await;
            assert_eq!(views.len(), 1, "every mode has its portal copy");
            assert!(views[0].body.contains("Bonjour."));
        }
    }
}

#[tokio::test]
async fn supervisors_are_told_once_a_step_and_the_citizen_never() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let asked = notice("message", "portal");
        let case = asked.case_id.parse().unwrap();
        let told = [
            ("sophie-lemaire", "s.lemaire@clairval.example"),
            ("bruno-petit", "b.petit@clairval.example"),
            ("sans", ""),
        ];
        let first = escalated(case, "escalated", &told);
        consume(&store, &[event(&tenant(), &asked), first.clone(), escalated(case, "widened", &[])]).await;
        // The same event again, by a broker that forgot: nobody is told twice.
        let handler = parvis_notification::NoticeConsumer::new(tenants(), "http://localhost:8080", Default::default());
        let mut tx = store.begin().await.unwrap();
        parvis_bus::EventHandler::handle(&handler, &mut tx, &[first]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(deliver(&courier).await, 2);
        let mut files: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        files.sort_by_key(|file| header(file, "To:").to_owned());
        assert_eq!(header(&files[0], "To:"), "To: \"Sophie Lemaire\" <b.petit@clairval.example>");
        for file in &files {
            assert!(file.contains(&format!("http://localhost:8080/agent/dossiers/{}", reference())), "{file}");
            assert!(
                !file.contains("zoe@example.org") && !file.contains("Nid-de-poule") && !file.contains("K7R"),
                "{file}"
            );
        }
        // Another step is told anew; one that no supervisor can hear goes to the unit's mailbox.
        consume(&store, &[escalated(case, "opened_to_supervisors", &told[..1]), escalated(case, "escalated", &[])])
            .await;
        assert_eq!(deliver(&courier).await, 2);
        let to_the_unit = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .find(|file| header(file, "To:").contains("voirie@clairval.example"))
            .unwrap();
        assert_eq!(header(&to_the_unit, "To:"), "To: voirie@clairval.example", "nobody is called by a service's name");
        let seen = ListNotices { case_id: asked.case_id.clone(), ..ListNotices::default() };
        let public = usecase::list_notices(&store, &follower(tenant(), &asked.case_id), seen).await.unwrap();
        assert_eq!(public.len(), 1, "what supervisors are told is not the citizen's to read");
        assert_eq!(views(&store, &asked.case_id).await.len(), 5);
    }
}

#[tokio::test]
async fn a_server_that_refuses_for_now_is_asked_again_later_and_one_that_refuses_for_good_is_not() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config(&sink.url(), folder.path()));
        let notice = notice("message", "email");
        consume(&store, &[event(&tenant(), &notice)]).await;
        sink.after_data([Answer::Say("451 4.3.0 <zoe@example.org> try again")]);
        assert_eq!(deliver(&courier).await, 1);
        assert!(said.take().is_empty());
        clock.advance(SignedDuration::from_secs(29));
        assert_eq!(deliver(&courier).await, 0, "not before its time");
        clock.advance(SignedDuration::from_secs(5));
        assert_eq!(deliver(&courier).await, 1);
        let sent = said.take();
        assert_eq!(sent[0].0, "notification_delivered");
        let received = sink.received();
        assert_eq!(received.len(), 2);
        assert_eq!(received[0], received[1], "the same bytes each time");
        assert_eq!(header(&received[0], "Message-ID:"), format!("Message-ID: <{}@parvis.example>", notice.notice_id));
        let view = views(&store, &notice.case_id).await.remove(0);
        assert_eq!(view.state, "sent");
        let tried: Vec<_> = view.attempts.iter().map(|a| (a.succeeded, a.detail.as_str())).collect();
        assert!(
            matches!(tried[..], [(false, first), (true, last)] if first.contains("451")
            && !first.contains("zoe") && last.contains("250")),
            "{tried:?}"
        );

        let refused = support::notice("closed", "email");
        consume(&store, &[event(&tenant(), &refused)]).await;
        sink.to_recipients(["550 5.1.1 <zoe@example.org> no such user"]);
        assert_eq!(deliver(&courier).await, 1);
        clock.advance(SignedDuration::from_hours(48));
        assert_eq!(deliver(&courier).await, 0);
        let failed = said.take();
        assert_eq!((failed[0].0.as_str(), failed[0].1.state.as_str()), ("notification_failed", "failed"));
        assert!(failed[0].1.detail.contains("550") && !failed[0].1.detail.contains("zoe"), "{}", failed[0].1.detail);
        let page = PageRequest::default();
        let admin = agent(&[Role::Administrator], &[]);
        assert_eq!(usecase::list_failures(&store, &admin, &page).await.unwrap().items.len(), 1);
        let supervisor = agent(&[Role::Supervisor], &["etat-civil"]);
        assert!(usecase::list_failures(&store, &supervisor, &page).await.unwrap().items.is_empty());
        let clerk = agent(&[Role::CaseWorker], &["voirie"]);
        assert_eq!(usecase::list_failures(&store, &clerk, &page).await.err().unwrap().kind(), ErrorKind::Denied);
    }
}

#[tokio::test]
async fn a_server_that_is_down_for_a_day_fails_the_notice_after_its_last_try() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let folder = tempfile::tempdir().unwrap();
        // Nobody listens on port 1.
        let courier = courier(&store, &config("smtp://127.0.0.1:1", folder.path()));
        let notice = notice("message", "email");
        consume(&store, &[event(&tenant(), &notice)]).await;
        for tries in 1..=8 {
            assert_eq!(deliver(&courier).await, 1, "try {tries}");
            assert_eq!(said.take().len(), usize::from(tries == 8), "said after the last one only");
            clock.advance(SignedDuration::from_hours(18));
        }
        assert_eq!(deliver(&courier).await, 0);
        let view = views(&store, &notice.case_id).await.remove(0);
        assert_eq!((view.state.as_str(), view.attempts.len()), ("failed", 8));
    }
}

#[tokio::test]
async fn a_process_killed_while_sending_leaves_the_notice_to_another_under_the_same_id() {
    let clock = clock();
    for store in stores(&clock).await {
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = config(&sink.url(), folder.path());
        let notice = notice("message", "email");
        consume(&store, &[event(&tenant(), &notice)]).await;
        sink.after_data([Answer::Hang]);
        let killed = courier(&store, &config);
        let task = tokio::spawn(async move { deliver(&killed).await });
        wait_until("the message arrives", Duration::from_secs(10), async || sink.received().len() == 1).await;
        task.abort();
        let other = courier(&store, &config);
        assert_eq!(deliver(&other).await, 0, "leased");
        clock.advance(schedule::LEASE);
        assert_eq!(deliver(&other).await, 1);
        let received = sink.received();
        assert_eq!(received.len(), 2);
        assert_eq!(header(&received[0], "Message-ID:"), header(&received[1], "Message-ID:"));
        let view = views(&store, &notice.case_id).await.remove(0);
        assert_eq!(view.state, "sent");
        assert!(view.attempts[0].detail.starts_with("interrupted") && view.attempts[1].succeeded);
    }
}

#[tokio::test]
async fn many_notices_and_two_processes_send_each_once() {
    let clock = clock();
    for store in stores(&clock).await {
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = config(&sink.url(), folder.path());
        let events: Vec<_> = (0..200).map(|_| event(&tenant(), &notice("reopened", "email"))).collect();
        consume(&store, &events).await;
        let (one, two) = (courier(&store, &config), courier(&store.another().await.unwrap(), &config));
        let (first, second) = tokio::join!(deliver(&one), deliver(&two));
        assert_eq!(first + second, 200);
        let received = sink.received();
        let ids: std::collections::HashSet<_> = received.iter().map(|m| header(m, "Message-ID:")).collect();
        assert_eq!((received.len(), ids.len()), (200, 200));
    }
}

#[tokio::test]
async fn an_incomplete_acknowledgment_is_neither_sent_nor_shown() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let mut notice = notice("acknowledgment", "email");
        notice.procedure =
            Some(parvis_proto::common::ProcedureSnapshot { silence: "reject".into(), ..Default::default() });
        consume(&store, &[event(&tenant(), &notice)]).await;
        assert_eq!(deliver(&courier).await, 0);
        let (kind, outcome) = said.take().remove(0);
        assert_eq!(kind, "notification_failed");
        assert_eq!(outcome.detail, "implicit_on is missing");
        let ask = ListNotices { case_id: notice.case_id.clone(), ..Default::default() };
        let seen = usecase::list_notices(&store, &follower(tenant(), &notice.case_id), ask).await.unwrap();
        assert!(seen.is_empty());
        assert_eq!(views(&store, &notice.case_id).await[0].attempts[0].detail, "implicit_on is missing");
    }
}

#[tokio::test]
async fn only_those_concerned_read_and_carry() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let notice = notice("message", "letter");
        consume(&store, &[event(&tenant(), &notice)]).await;
        said.take();
        let read = async |caller: &Caller| -> Result<Vec<NoticeView>, ErrorKind> {
            let by_reference =
                ListNotices { reference: reference().replace('-', " ").to_lowercase(), ..ListNotices::default() };
            usecase::list_notices(&store, caller, by_reference).await.map_err(|error| error.kind())
        };
        assert_eq!(read(&follower(tenant(), &notice.case_id)).await.unwrap().len(), 1);
        for caller in [
            &Caller::anonymous(tenant()),
            &follower(tenant(), "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11"),
            &follower(TenantId::parse("autreville").unwrap(), &notice.case_id),
            &agent(&[Role::CaseWorker], &["etat-civil"]),
            &agent(&[Role::ElectedOfficial], &["voirie"]),
        ] {
            assert_eq!(read(caller).await.err(), Some(ErrorKind::NotFound), "{caller:?}");
        }
        assert!(read(&agent(&[Role::CaseWorker], &["voirie"])).await.is_ok());

        let page = PageRequest::default();
        let desk = agent(&[Role::FrontDesk], &[]);
        assert!(
            usecase::list_handovers(&store, &desk, &page).await.unwrap().items.is_empty(),
            "nothing is known of it"
        );
        consume(&store, &[described(1, &[("voirie", true)])]).await;
        assert!(usecase::list_handovers(&store, &desk, &page).await.unwrap().items.is_empty(), "it is sensitive");
        consume(&store, &[described(2, &[("voirie", false)])]).await;
        let mayor = agent(&[Role::ElectedOfficial, Role::Supervisor, Role::FrontDesk], &["voirie"]);
        assert!(
            usecase::list_handovers(&store, &mayor, &page).await.unwrap().items.is_empty(),
            "no letter for the elected"
        );
        let waiting = usecase::list_handovers(&store, &desk, &page).await.unwrap();
        assert_eq!(waiting.items.len(), 1);
        let stranger = agent(&[Role::CaseWorker], &["etat-civil"]);
        assert!(usecase::list_handovers(&store, &stranger, &page).await.unwrap().items.is_empty());
        let id = notice.notice_id.parse().unwrap();
        let mark = async |caller: &Caller| {
            usecase::mark_handed_over(&store, caller, id).await.map(|_| ()).map_err(|error| error.kind())
        };
        let other_town = Caller { tenant: TenantId::parse("autreville").unwrap(), ..desk.clone() };
        assert_eq!(mark(&Caller::anonymous(tenant())).await, Err(ErrorKind::Unauthenticated));
        assert_eq!(mark(&other_town).await, Err(ErrorKind::NotFound));
        assert_eq!(mark(&stranger).await, Err(ErrorKind::NotFound));
        assert_eq!(mark(&desk).await, Ok(()));
        assert_eq!(mark(&desk).await, Err(ErrorKind::Conflict));
        let handed: Vec<_> = said.take().into_iter().map(|(_, outcome)| outcome.state).collect();
        assert_eq!(handed, ["handed_over"]);
        assert!(usecase::list_handovers(&store, &desk, &page).await.unwrap().items.is_empty());
    }
}

#[tokio::test]
async fn lists_come_by_pages_and_miss_nothing() {
    let clock = clock();
    for store in stores(&clock).await {
        let events: Vec<_> = (0..25).map(|_| event(&tenant(), &notice("message", "phone"))).collect();
        consume(&store, &events).await;
        consume(&store, &[described(1, &[("voirie", false)])]).await;
        let desk = agent(&[Role::FrontDesk], &[]);
        let (mut seen, mut page) = (0, PageRequest { size: 10, token: String::new() });
        loop {
            let found = usecase::list_handovers(&store, &desk, &page).await.unwrap();
            seen += found.items.len();
            if found.next.is_empty() {
                break;
            }
            page.token = found.next;
        }
        assert_eq!(seen, 25);
        let nonsense = PageRequest { size: 10, token: "x".into() };
        let error = usecase::list_handovers(&store, &desk, &nonsense).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn a_wrong_address_is_put_right_and_the_notice_goes() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut said = Said::of(&store);
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let mut asked = notice("message", "email");
        asked.recipient.as_mut().unwrap().email = "a:b@example.org".into();
        consume(&store, &[event(&tenant(), &asked)]).await;
        assert_eq!(deliver(&courier).await, 0);
        assert_eq!(said.take()[0].1.state, "failed");
        let id = asked.notice_id.parse().unwrap();
        let worker = agent(&[Role::CaseWorker], &["voirie"]);
        for nobody in [agent(&[Role::CaseWorker], &["sport"]), agent(&[Role::ElectedOfficial], &["voirie"])] {
            assert!(usecase::resend_notice(&store, &nobody, id, "zoe@example.org").await.is_err());
        }
        for wrong in ["", "zoé@example.org", "zoe"] {
            let refused = usecase::resend_notice(&store, &worker, id, wrong).await.err().unwrap();
            assert_eq!((refused.kind(), refused.violations()[0].field.as_str()), (ErrorKind::Invalid, "email"));
        }
        let failed = views(&store, &asked.case_id).await;
        assert!(failed[0].recipient.ends_with("a:b@example.org") && failed[0].state == "failed", "{failed:?}");
        usecase::resend_notice(&store, &worker, id, "mailto:zoe@mairie-évry.example").await.unwrap();
        let again = usecase::resend_notice(&store, &worker, id, "zoe@example.org").await.err().unwrap();
        assert_eq!(again.kind(), ErrorKind::FailedPrecondition);
        assert_eq!(deliver(&courier).await, 1);
        assert_eq!(said.take()[0].1.state, "sent");
        let file = std::fs::read_to_string(folder.path().join(format!("{}.eml", asked.notice_id))).unwrap();
        assert!(header(&file, "To:").ends_with("<zoe@xn--mairie-vry-h7a.example>"), "{file}");
        let sent = views(&store, &asked.case_id).await;
        assert!(
            sent[0].state == "sent" && sent[0].body.contains("Bonjour.") && sent[0].attempts.len() == 2,
            "{sent:?}"
        );
    }
}
