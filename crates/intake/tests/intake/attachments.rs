//! Attachments: in, named by a request, out; and nothing left of what is refused.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future::join_all, stream};
use jiff::SignedDuration;
use parvis_kernel::{Caller, Error, ErrorKind, Refusal, Result, Role};
use parvis_proto::{
    common::AttachmentRef,
    intake::{SubmitRequestRequest, SubmittedAttachment, UploadHeader},
};
use parvis_runtime::{
    client::Client,
    grants::{Grant, Kind},
};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::world::{CASEWORK, World, agent, by_form, citizen, files_grant, follower, free_text, on_both, tenant};

async fn upload(world: &World, caller: &Caller, name: &str, bytes: &[u8]) -> Result<AttachmentRef> {
    let chunks: Vec<Result<Bytes>> = bytes.chunks(100_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let header = UploadHeader { file_name: name.into(), media_type: String::new() };
    world.intake.upload_attachment(caller, &header, stream::iter(chunks)).await
}

async fn download(world: &World, caller: &Caller, id: &str, grant: &str) -> Result<(AttachmentRef, Vec<u8>)> {
    let (header, bytes) = world.intake.download_attachment(caller, id, grant).await?;
    let chunks: Vec<Bytes> = bytes.try_collect().await?;
    assert!(chunks.iter().all(|chunk| chunk.len() <= 256 * 1024));
    Ok((header, chunks.concat()))
}

fn naming(message: SubmitRequestRequest, ids: &[&str]) -> SubmitRequestRequest {
    let attachments =
        ids.iter().map(|id| SubmittedAttachment { id: (*id).into(), document: "identite".into() }).collect();
    SubmitRequestRequest { attachments, ..message }
}

fn png(size: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.resize(size, 7);
    bytes
}

fn kind<T: std::fmt::Debug>(outcome: Result<T>) -> ErrorKind {
    outcome.unwrap_err().kind()
}

on_both!(a_file_goes_in_and_comes_out_the_same, world => {
    // Small, and of several parts.
    for size in [100, 7_000_000] {
        let bytes = png(size);
        let kept = upload(&world, &citizen(), "C:\\photos\\carte.png", &bytes).await.unwrap();
        assert_eq!((kept.file_name.as_str(), kept.media_type.as_str(), kept.size), ("carte.png", "image/png", size as u64));
        assert_eq!(kept.sha256, hex::encode(Sha256::digest(&bytes)));

        // Nobody until a request names it.
        assert_eq!(kind(download(&world, &citizen(), &kept.id, "").await), ErrorKind::NotFound);
        let answer = world.intake.submit_request(&citizen(), naming(by_form(&size.to_string()), &[&kept.id])).await.unwrap();
        assert!(answer.missing_documents.is_empty());
        let (here, there) = (tenant("clairval"), tenant("petit-ormeau"));
        let reader = agent("clairval", Role::Supervisor);
        let name = reader.agent().unwrap().to_string();
        let grant = files_grant(&world, here.clone(), &name, &kept.id);
        let person = follower(here.clone(), &answer.request_id);
        for (caller, grant) in [(&reader, grant.as_str()), (&person, "")] {
            let (header, read) = download(&world, caller, &kept.id, grant).await.unwrap();
            assert_eq!((header.sha256.as_str(), header.document.as_str()), (kept.sha256.as_str(), "identite"));
            assert!(read == bytes);
        }
        let other_file = files_grant(&world, here.clone(), &name, "01937b2e-5f5c-7c5e-9f39-0d8a3e6f2b11");
        let other_agent = files_grant(&world, here.clone(), "quelqu-un", &kept.id);
        let other_town = files_grant(&world, there.clone(), &name, &kept.id);
        let as_followed = CASEWORK.sign(Kind::Follow.typ(), &Grant::files(
            here, name.clone(), vec![kept.id.parse().unwrap()], world.store.clock().now())).unwrap();
        for (caller, grant) in [
            (&citizen(), grant.as_str()),
            (&reader, ""),
            (&reader, "pas.un.jeton"),
            (&reader, &other_file),
            (&reader, &other_agent),
            (&reader, &other_town),
            (&reader, &as_followed),
            (&agent("petit-ormeau", Role::Supervisor), &grant),
            (&follower(there, &answer.request_id), ""),
        ] {
            assert_eq!(kind(download(&world, caller, &kept.id, grant).await), ErrorKind::NotFound);
        }
        world.clock.advance(SignedDuration::from_mins(11));
        assert_eq!(kind(download(&world, &reader, &kept.id, &grant).await), ErrorKind::NotFound, "it has ended");
    }
    assert_eq!(world.objects(), 2);
});

on_both!(what_is_refused_leaves_nothing, world => {
    assert_eq!(kind(upload(&world, &citizen(), "a.exe", b"MZ\x90\0\x03\0\0\0").await), ErrorKind::Invalid);
    assert_eq!(kind(upload(&world, &citizen(), "acte.pdf", &png(9_000)).await), ErrorKind::Invalid);
    assert_eq!(kind(upload(&world, &citizen(), "grand.png", &png(10_000_001)).await), ErrorKind::Exhausted);
    assert_eq!(kind(upload(&world, &citizen(), "vide.txt", b"").await), ErrorKind::Invalid);
    assert_eq!(kind(upload(&world, &citizen(), "a\u{7}.txt", b"x").await), ErrorKind::Invalid);
    assert_eq!(kind(upload(&world, &citizen(), &"x".repeat(256), b"x").await), ErrorKind::Invalid);
    // The sender's connection breaks after a part was sent.
    let header = UploadHeader { file_name: "a.png".into(), media_type: "image/png".into() };
    let broken = stream::iter([Ok(Bytes::from(png(6_000_000))), Err(Error::unavailable("gone"))]).boxed();
    assert_eq!(kind(world.intake.upload_attachment(&citizen(), &header, broken).await), ErrorKind::Unavailable);
    assert_eq!((world.objects(), world.count("attachment").await), (0, 0));
});

on_both!(a_file_belongs_to_one_request_and_its_losers_fail_alone, world => {
    let kept = upload(&world, &citizen(), "carte.png", &png(100)).await.unwrap();
    let tasks = (0..60).map(|at| {
        let (intake, id) = (world.intake.clone(), kept.id.clone());
        tokio::spawn(async move {
            let message = free_text(&format!("k{at}"), "x");
            let message = if at % 3 == 0 { naming(by_form(&format!("k{at}")), &[&id]) } else { message };
            (at, intake.submit_request(&citizen(), message).await)
        })
    });
    let outcomes: Vec<_> = join_all(tasks).await.into_iter().map(std::result::Result::unwrap).collect();
    let (naming_it, plain): (Vec<_>, Vec<_>) = outcomes.iter().partition(|(at, _)| at % 3 == 0);
    assert!(plain.iter().all(|(_, outcome)| outcome.is_ok()));
    assert_eq!(naming_it.iter().filter(|(_, outcome)| outcome.is_ok()).count(), 1);
    for error in naming_it.iter().filter_map(|(_, outcome)| outcome.as_ref().err()) {
        assert_eq!(error.violations()[0].field, "attachments[0].id");
    }
    assert_eq!((world.count("request").await, world.count("idempotency").await), (41, 41));

    // A loser's key is free again; the winner's retry is answered the same.
    let (loser, _) = naming_it.iter().find(|(_, outcome)| outcome.is_err()).unwrap();
    assert!(!world.intake.submit_request(&citizen(), by_form(&format!("k{loser}"))).await.unwrap().replayed);
    let (winner, _) = naming_it.iter().find(|(_, outcome)| outcome.is_ok()).unwrap();
    let retry = naming(by_form(&format!("k{winner}")), &[&kept.id]);
    assert!(world.intake.submit_request(&citizen(), retry).await.unwrap().replayed);
});

on_both!(a_file_of_another_town_is_not_there, world => {
    let elsewhere = Caller::anonymous(tenant("petit-ormeau"));
    let kept = upload(&world, &elsewhere, "carte.png", &png(100)).await.unwrap();
    let error = world.intake.submit_request(&citizen(), naming(by_form("k"), &[&kept.id])).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "attachments[0].id");
});

on_both!(a_file_that_no_request_names_goes_after_two_hours, world => {
    let never = CancellationToken::new();
    let named = upload(&world, &citizen(), "a.png", &png(100)).await.unwrap();
    let forgotten = upload(&world, &citizen(), "b.png", &png(100)).await.unwrap();
    world.intake.submit_request(&citizen(), naming(by_form("k"), &[&named.id])).await.unwrap();
    world.clock.advance(SignedDuration::from_mins(110));
    let young = upload(&world, &citizen(), "c.png", &png(100)).await.unwrap();
    assert_eq!(world.intake.delete_unclaimed_attachments(&never).await.unwrap(), 0);
    world.clock.advance(SignedDuration::from_mins(20));
    // The bytes may be gone already: a sweep was interrupted.
    assert_eq!(world.intake.delete_unclaimed_attachments(&never).await.unwrap(), 1);
    assert_eq!((world.objects(), world.count("attachment").await), (2, 2));
    let late = world.intake.submit_request(&citizen(), naming(by_form("late"), &[&forgotten.id])).await;
    assert_eq!(kind(late), ErrorKind::Invalid);
    let reader = agent("clairval", Role::FrontDesk);
    for kept in [named, young] {
        let grant = files_grant(&world, tenant("clairval"), reader.agent().unwrap().as_str(), &kept.id);
        assert!(download(&world, &reader, &kept.id, &grant).await.is_ok());
    }
});

fn at(address: &str) -> Client {
    Client { address: address.parse().ok(), browser: String::new() }
}

/// An upload that begins and then brings nothing.
fn idle(world: &World, address: &str) -> tokio::task::JoinHandle<Result<AttachmentRef>> {
    let (intake, client) = (world.intake.clone(), at(address));
    let header = UploadHeader { file_name: "a.png".into(), media_type: String::new() };
    tokio::spawn(async move {
        let chunks = stream::iter([Ok(Bytes::from(png(20)))]).chain(stream::pending()).boxed();
        client.scope(intake.upload_attachment(&citizen(), &header, chunks)).await
    })
}

/// Waits until that many uploads have begun.
async fn begun(world: &World, uploads: i64) {
    while world.count("attachment").await < uploads {
        tokio::task::yield_now().await;
    }
}

on_both!(who_sends_nothing_stops_nobody, world => {
    // More than there are slots to write, from as many addresses as it takes.
    let silent: Vec<_> = (0..40).map(|n| idle(&world, &format!("192.0.2.{}", n / 2 + 1))).collect();
    begun(&world, 40).await;
    at("198.51.100.7").scope(upload(&world, &citizen(), "carte.png", &png(600_000))).await.unwrap();
    for task in silent {
        task.abort();
    }
});

on_both!(an_address_has_its_places_and_no_more, world => {
    let held: Vec<_> = (0..3).map(|_| idle(&world, "192.0.2.1")).collect();
    begun(&world, 3).await;
    let one_more = at("192.0.2.1").scope(upload(&world, &citizen(), "carte.png", &png(100))).await.unwrap_err();
    assert_eq!((one_more.kind(), one_more.refusal()), (ErrorKind::Unavailable, Some(&Refusal::Busy)));
    // Whoever signed in is counted as themselves, and another address has its own places.
    let clerk = agent("clairval", Role::FrontDesk);
    at("192.0.2.1").scope(upload(&world, &clerk, "carte.png", &png(100))).await.unwrap();
    at("192.0.2.2").scope(upload(&world, &citizen(), "carte.png", &png(100))).await.unwrap();
    for task in held {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    at("192.0.2.1").scope(upload(&world, &citizen(), "carte.png", &png(100))).await.unwrap();
});

on_both!(bytes_are_counted_by_address_and_by_town, world => {
    let send = async |address: &str, caller: &Caller| {
        at(address).scope(upload(&world, caller, "grand.png", &png(9_000_000))).await
    };
    for _ in 0..3 {
        send("192.0.2.1", &citizen()).await.unwrap();
    }
    // What waits for a request has its ceiling, whoever sends it; what a request names waits no more.
    let full = send("192.0.2.2", &citizen()).await.unwrap_err();
    assert_eq!((full.kind(), full.refusal()), (ErrorKind::Unavailable, Some(&Refusal::TooManyFilesWait)));
    assert_eq!((world.objects(), world.count("attachment").await), (3, 3));
    world.intake.submit_request(&citizen(), free_text("still", "Un texte est toujours pris.")).await.unwrap();
    let elsewhere = Caller::anonymous(tenant("petit-ormeau"));
    send("192.0.2.1", &elsewhere).await.unwrap();
    // Forty megabytes an hour.
    let spent = send("192.0.2.1", &elsewhere).await.unwrap_err();
    assert_eq!((spent.kind(), spent.refusal()), (ErrorKind::Unavailable, Some(&Refusal::Busy)));
    send("192.0.2.3", &elsewhere).await.unwrap();
});

on_both!(a_full_disk_takes_texts_and_no_files, world => {
    let full = world.with(|config| config.full_disk_percent = 1).await;
    let header = UploadHeader { file_name: "a.png".into(), media_type: String::new() };
    let refused = full.upload_attachment(&citizen(), &header, stream::iter([Ok(Bytes::from(png(99)))])).await.unwrap_err();
    assert_eq!((refused.kind(), refused.refusal()), (ErrorKind::Unavailable, Some(&Refusal::FilesNotTaken)));
    full.submit_request(&citizen(), free_text("k", "Un texte est toujours pris.")).await.unwrap();
    assert_eq!((world.objects(), world.count("attachment").await), (0, 0));
});

#[tokio::test]
async fn a_silent_sender_is_given_up() {
    let world = World::sqlite().await;
    let silent = idle(&world, "192.0.2.1");
    begun(&world, 1).await;
    tokio::time::pause();
    let error = silent.await.unwrap().unwrap_err();
    assert_eq!((error.refusal(), world.objects()), (Some(&Refusal::UploadTooSlow), 0));
}
