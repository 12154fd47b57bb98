//! What a notice said has its term; that it was sent has none.

use jiff::SignedDuration;
use parvis_kernel::{Caller, PageRequest, Role, TenantId};
use parvis_notification::{
    domain::State,
    usecase::{self, Courier},
};
use parvis_proto::{
    casework::NoticeRequested,
    common::ProcedureSnapshot,
    notification::{ListNoticesRequest, Notice, notification_service_server::NotificationService as _},
};
use parvis_store::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    smtp::{Answer, SmtpSink},
    support::{
        agent, call, clock, config, consume, courier, deliver, event, follower, notice, stores, tenant, views_of,
    },
};

async fn remove(courier: &Courier) -> usize {
    courier.remove_old_texts(&CancellationToken::new()).await.unwrap()
}

async fn one(store: &Store, asked: &NoticeRequested, caller: &Caller) -> Notice {
    let mut seen = views_of(store, &asked.case_id, caller.clone()).await;
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

/// What a notice still says, besides that it was sent.
fn said(notice: &Notice) -> Vec<&str> {
    let details = notice.attempts.iter().map(|attempt| attempt.detail.as_str());
    [&notice.subject, &notice.body, &notice.recipient]
        .into_iter()
        .map(String::as_str)
        .chain(details)
        .filter(|text| !text.is_empty())
        .collect()
}

/// An acknowledgment that is refused: it lacks what the law asks for.
fn incomplete() -> NoticeRequested {
    NoticeRequested {
        procedure: Some(ProcedureSnapshot { silence: "reject".into(), ..ProcedureSnapshot::default() }),
        ..notice("acknowledgment", "email")
    }
}

#[tokio::test]
async fn what_was_said_goes_and_that_it_was_stays() {
    let clock = clock();
    for store in stores(&clock).await {
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config(&sink.url(), folder.path()));
        let elsewhere = TenantId::parse("autreville").unwrap();
        let desk = agent(&[Role::FrontDesk], &["voirie"]);
        let other_desk = Caller { tenant: elsewhere.clone(), ..desk.clone() };
        let (sent, posted, shown) =
            (notice("message", "email"), notice("message", "letter"), notice("closed", "portal"));
        let (failed, refused) = (notice("message", "email"), incomplete());
        let (other, waiting) = (notice("message", "portal"), notice("message", "letter"));
        consume(&store, &[&sent, &posted, &shown, &refused, &waiting].map(|asked| event(&tenant(), asked))).await;
        consume(&store, &[event(&elsewhere, &other)]).await;
        assert_eq!(deliver(&courier).await, 1);
        consume(&store, &[event(&tenant(), &failed)]).await;
        sink.to_recipients(["550 5.1.1 no such user"]);
        assert_eq!(deliver(&courier).await, 1);
        usecase::mark_handed_over(&store, &desk, posted.notice_id.parse().unwrap()).await.unwrap();

        clock.advance(SignedDuration::from_hours(24 * 365));
        let recent = notice("message", "portal");
        consume(&store, &[event(&tenant(), &recent)]).await;
        assert_eq!(remove(&courier).await, 0, "a year is kept to its end");
        let mut before = Vec::new();
        for asked in [&sent, &posted, &shown, &failed] {
            before.push(one(&store, asked, &desk).await);
        }
        assert!(before.iter().all(|notice| said(notice).len() >= 2 && notice.text_removed_at.is_none()), "{before:?}");
        // It waited for a year to be sent, and goes in the end.
        let late = notice("message", "email");
        consume(&store, &[event(&tenant(), &late)]).await;
        sink.after_data([Answer::Say("451 4.3.0 try again")]);
        assert_eq!(deliver(&courier).await, 1);
        clock.advance(SignedDuration::from_secs(1));

        assert_eq!(remove(&courier).await, 6);
        for (asked, before) in [&sent, &posted, &shown, &failed].into_iter().zip(before) {
            let after = one(&store, asked, &desk).await;
            assert_eq!(said(&after), [""; 0], "{}", after.mode);
            assert!(after.text_removed_at.is_some());
            let mut attempts = before.attempts.clone();
            attempts.iter_mut().for_each(|attempt| attempt.detail.clear());
            let told = Notice {
                subject: String::new(),
                body: String::new(),
                recipient: String::new(),
                text_removed_at: after.text_removed_at,
                attempts,
                ..before
            };
            assert_eq!(after, told, "its kind, mode, dates and outcome stay");
        }
        assert!(one(&store, &other, &other_desk).await.text_removed_at.is_some(), "another authority's too");
        for asked in [&waiting, &recent, &late] {
            let kept = one(&store, asked, &desk).await;
            assert!(said(&kept).len() >= 3 && kept.text_removed_at.is_none(), "{kept:?}");
        }
        assert_eq!(remove(&courier).await, 0, "once");
        // What waited still goes, with its words.
        clock.advance(SignedDuration::from_hours(24 * 400));
        assert_eq!(remove(&courier).await, 1, "the recent one had its time");
        assert_eq!(deliver(&courier).await, 1);
        assert!(sink.received().last().unwrap().contains("Bonjour."));
        let carried = usecase::list_handovers(&store, &desk, &PageRequest::default()).await.unwrap();
        assert_eq!(carried.items.len(), 1);
        usecase::mark_handed_over(&store, &desk, waiting.notice_id.parse().unwrap()).await.unwrap();
        assert_eq!(remove(&courier).await, 0, "the time of what was said begins when it went");
        for asked in [&waiting, &late] {
            assert!(said(&one(&store, asked, &desk).await).len() >= 3);
        }
    }
}

#[tokio::test]
async fn the_citizen_still_sees_what_was_sent_and_nothing_more() {
    let clock = clock();
    for store in stores(&clock).await {
        let sink = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config(&sink.url(), folder.path()));
        let failed = notice("message", "email");
        consume(&store, &[event(&tenant(), &failed), event(&tenant(), &incomplete())]).await;
        sink.to_recipients(["550 5.1.1 no such user"]);
        assert_eq!(deliver(&courier).await, 1);
        let seen = async || {
            let ask = ListNoticesRequest { case_id: failed.case_id.clone(), ..Default::default() };
            let api = parvis_notification::NotificationApi::new((*store).clone());
            let listed = api.list_notices(call(&follower(tenant(), &failed.case_id), ask)).await.unwrap().into_inner();
            listed.notices.into_iter().map(|notice| (notice.kind, notice.state)).collect::<Vec<_>>()
        };
        let tried = [("message".to_owned(), State::Failed.as_str().to_owned())];
        assert_eq!(seen().await, tried);
        clock.advance(SignedDuration::from_hours(24 * 366));
        assert_eq!(remove(&courier).await, 2);
        assert_eq!(seen().await, tried, "the grant opens it, and what was refused before does not appear");
    }
}

#[tokio::test]
async fn messages_that_were_files_go_with_their_texts_and_many_go_in_several_steps() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let (old, recent) = (notice("message", "email"), notice("message", "email"));
        consume(&store, &[event(&tenant(), &old)]).await;
        let events: Vec<_> = (0..1_030).map(|_| event(&tenant(), &notice("message", "portal"))).collect();
        consume(&store, &events).await;
        assert_eq!(deliver(&courier).await, 1);
        clock.advance(SignedDuration::from_hours(24 * 366));
        consume(&store, &[event(&tenant(), &recent)]).await;
        assert_eq!(deliver(&courier).await, 1);
        let stopped = CancellationToken::new();
        stopped.cancel();
        assert_eq!(courier.remove_old_texts(&stopped).await.unwrap(), 0, "nothing is begun once the process stops");
        assert_eq!(remove(&courier).await, 1_031);
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, [std::ffi::OsString::from(format!("{}.eml", recent.notice_id))]);
    }
}
