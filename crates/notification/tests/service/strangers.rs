//! What somebody who did not sign in may have sent to an address.

use jiff::SignedDuration;
use parvis_kernel::Role;
use parvis_proto::casework::NoticeRequested;

use crate::support::*;

/// The acknowledgment of a request that somebody filed without signing in.
fn reception(address: &str) -> NoticeRequested {
    let mut notice = notice("acknowledgment", "email");
    notice.recipient_verified = false;
    notice.recipient.as_mut().unwrap().email = address.into();
    notice
}

#[tokio::test]
async fn a_victim_gets_few_mails_an_hour_and_none_is_lost() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let flood: Vec<_> = (0..60)
            .map(|at| reception(if at % 2 == 0 { "victime@example.org" } else { "Victime+a@example.org" }))
            .collect();
        // In batches, as they come.
        for batch in flood.chunks(7) {
            let events: Vec<_> = batch.iter().map(|notice| event(&tenant(), notice)).collect();
            consume(&store, &events).await;
            consume(&store, &events).await;
        }
        let other = reception("autre@example.org");
        let mut known = notice("acknowledgment", "email");
        known.recipient.as_mut().unwrap().email = "victime@example.org".into();
        consume(&store, &[event(&tenant(), &other), event(&tenant(), &known)]).await;
        assert_eq!(deliver(&courier).await, 6 + 2, "one mailbox, however it is written; others are free");
        assert_eq!(deliver(&courier).await, 0);
        let mut held = 0;
        for notice in &flood {
            let view = views_of(&store, &notice.case_id, agent(&[Role::CaseWorker], &["voirie"])).await.remove(0);
            held += usize::from(view.state == "pending" && view.attempts[0].detail.contains("held back until"));
        }
        assert_eq!(held, 54, "an agent sees what waits, and why");
        for _ in 0..9 {
            clock.advance(SignedDuration::from_mins(60));
            assert_eq!(deliver(&courier).await, 6);
        }
        clock.advance(SignedDuration::from_mins(60));
        assert_eq!(deliver(&courier).await, 0);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 62, "all went");
        // An hour of quiet, and the mailbox is forgotten.
        clock.advance(SignedDuration::from_mins(61));
        courier.remove_old_texts(&tokio_util::sync::CancellationToken::new()).await.unwrap();
        consume(&store, &[event(&tenant(), &reception("victime@example.org"))]).await;
        assert_eq!(deliver(&courier).await, 1);
    }
}

#[tokio::test]
async fn no_word_of_the_sender_goes_to_an_address_that_nobody_verified() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let notice = reception("victime@example.org");
        consume(&store, &[event(&tenant(), &notice)]).await;
        assert_eq!(deliver(&courier).await, 1);
        let mail = std::fs::read_to_string(folder.path().join(format!("{}.eml", notice.notice_id))).unwrap();
        assert!(mail.contains("To: victime@example.org"), "{mail}");
        for word in ["Nid-de-poule", "Bonjour."] {
            assert!(!mail.contains(word), "{word}: {mail}");
        }
    }
}
