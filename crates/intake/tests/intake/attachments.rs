//! Attachments: in, named by a request, out; and nothing left of what is refused.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, future::join_all, stream};
use jiff::SignedDuration;
use parvis_kernel::{Caller, Error, ErrorKind, Result, Role};
use parvis_proto::{
    common::AttachmentRef,
    intake::{SubmitRequestRequest, SubmittedAttachment, UploadHeader},
};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use crate::world::{World, agent, by_form, citizen, free_text, on_both, tenant};

async fn upload(world: &World, caller: &Caller, name: &str, bytes: &[u8]) -> Result<AttachmentRef> {
    let chunks: Vec<Result<Bytes>> = bytes.chunks(100_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let header = UploadHeader { file_name: name.into(), media_type: String::new() };
    world.intake.upload_attachment(caller, &header, stream::iter(chunks)).await
}

async fn download(world: &World, caller: &Caller, id: &str, code: &str) -> Result<(AttachmentRef, Vec<u8>)> {
    let (header, bytes) = world.intake.download_attachment(caller, id, code).await?;
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

        // Nobody but agents until a request names it.
        assert_eq!(kind(download(&world, &citizen(), &kept.id, "").await), ErrorKind::NotFound);
        let answer = world.intake.submit_request(&citizen(), naming(by_form(&size.to_string()), &[&kept.id])).await.unwrap();
        assert!(answer.missing_documents.is_empty());
        let reader = agent("clairval", Role::Supervisor);
        for (caller, code) in [(reader, ""), (citizen(), answer.tracking_code.as_str())] {
            let (header, read) = download(&world, &caller, &kept.id, code).await.unwrap();
            assert_eq!((header.sha256.as_str(), header.document.as_str()), (kept.sha256.as_str(), "identite"));
            assert!(read == bytes);
        }
        for (caller, code) in [
            (citizen(), "AAA-AAA-AAA-AAA"),
            (agent("petit-ormeau", Role::Supervisor), ""),
            (Caller::anonymous(tenant("petit-ormeau")), answer.tracking_code.as_str()),
            (agent("clairval", Role::ElectedOfficial), ""),
        ] {
            assert_eq!(kind(download(&world, &caller, &kept.id, code).await), ErrorKind::NotFound);
        }
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

on_both!(a_file_that_no_request_names_goes_after_a_day, world => {
    let never = CancellationToken::new();
    let named = upload(&world, &citizen(), "a.png", &png(100)).await.unwrap();
    let forgotten = upload(&world, &citizen(), "b.png", &png(100)).await.unwrap();
    world.intake.submit_request(&citizen(), naming(by_form("k"), &[&named.id])).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(23));
    let young = upload(&world, &citizen(), "c.png", &png(100)).await.unwrap();
    assert_eq!(world.intake.delete_unclaimed_attachments(&never).await.unwrap(), 0);
    world.clock.advance(SignedDuration::from_hours(2));
    // The bytes may be gone already: a sweep was interrupted.
    assert_eq!(world.intake.delete_unclaimed_attachments(&never).await.unwrap(), 1);
    assert_eq!((world.objects(), world.count("attachment").await), (2, 2));
    let late = world.intake.submit_request(&citizen(), naming(by_form("late"), &[&forgotten.id])).await;
    assert_eq!(kind(late), ErrorKind::Invalid);
    let reader = agent("clairval", Role::FrontDesk);
    for kept in [named, young] {
        assert!(download(&world, &reader, &kept.id, "").await.is_ok());
    }
});
