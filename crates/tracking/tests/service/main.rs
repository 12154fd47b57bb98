//! The role over both databases.

mod figures;
mod support;

use std::time::Duration;

use jiff::SignedDuration;
use parvis_kernel::{Actor, Caller, ErrorKind, Role, TenantId};
use parvis_store::Store;
use parvis_tracking::{
    Watchers,
    usecase::{self, AskTimeline, Timeline, TimelineLine, Watching},
};
use support::*;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn ask(request: &Request) -> AskTimeline {
    AskTimeline { reference: request.reference.clone(), ..AskTimeline::default() }
}

async fn timeline(store: &Store, caller: &Caller, request: &Request) -> Result<Timeline, ErrorKind> {
    usecase::get_timeline(store, caller, &ask(request)).await.map_err(|error| error.kind())
}

/// Whoever holds a follow grant of a request.
fn follower(request: &Request) -> Caller {
    Caller { actor: Actor::Citizen([request.id].into()), ..Caller::anonymous(request.tenant.clone()) }
}

fn labels(timeline: &Timeline) -> Vec<&str> {
    timeline.lines.iter().map(|line| line.label.as_str()).collect()
}

#[tokio::test]
async fn what_every_role_said_in_any_order_is_one_timeline() {
    let clock = clock();
    for store in stores(&clock).await {
        let request = Request::new(1, at("2026-03-02T08:00:00Z"));
        let all = [
            request.acknowledged(at("2026-03-02T08:00:03Z")),
            request.assigned(2, "voirie", "claire-martin", "presence", at("2026-03-02T08:30:00Z")),
            request.assigned(1, "voirie", "", "opened", at("2026-03-02T08:00:02Z")),
            request.transfer_refused("CAF du Val", at("2026-03-02T08:45:00Z")),
            request.transfer_proposed("CAF du Val", at("2026-03-02T08:00:04Z")),
            request.changed(4, "closed", "closed", at("2026-03-03T08:00:00Z")),
            request.changed(3, "started", "in_progress", at("2026-03-02T09:00:00Z")),
            request.opened(),
            request.received(),
        ];
        let watchers = Watchers::default();
        for event in &all {
            consume(&store, &watchers, std::slice::from_ref(event)).await;
        }
        consume(&store, &watchers, &all).await;
        let seen = timeline(&store, &agent(&[Role::CaseWorker], &["voirie"]), &request).await.unwrap();
        assert_eq!(
            labels(&seen),
            [
                "Dossier ouvert",
                "Demande reçue par internet",
                "Placée dans la file du service : VOIRIE",
                "Accusé de réception : envoi par courriel",
                "Transmission proposée à : CAF du Val",
                "Affectée à Claire Martin (VOIRIE)",
                "Transmission refusée à : CAF du Val",
                "started par Claire Martin.",
                "closed par Claire Martin.",
            ]
        );
        let positions: Vec<_> = seen.lines.iter().map(|line| line.position).collect();
        assert_eq!(positions, [8, 9, 3, 1, 5, 2, 4, 7, 6], "by time, each with its place of arrival");
        let refused = seen.lines.iter().find(|line| line.kind == "transfer_refused").unwrap();
        assert_eq!((refused.actor_name.as_str(), refused.public), ("Claire Martin", false));
        assert_eq!(seen.facts.status(), "closed");
        assert_eq!(seen.facts.first_assigned_at, Some(at("2026-03-02T08:30:00Z")));
        assert_eq!(seen.facts.acknowledged_at, Some(at("2026-03-02T08:00:03Z")));

        let public = timeline(&store, &follower(&request), &request).await.unwrap();
        assert_eq!(
            labels(&public),
            [
                "Demande reçue par internet",
                "Transmise au service : VOIRIE",
                "Accusé de réception : envoi par courriel",
                "Confiée à un agent du service : VOIRIE",
                "Votre demande est close.",
            ]
        );
        assert!(public.lines.iter().all(|line| line.public && line.actor_name.is_empty()));
        let after = AskTimeline { after: 8, ..ask(&request) };
        let rest = usecase::get_timeline(&store, &follower(&request), &after).await.unwrap();
        assert_eq!(labels(&rest), ["Demande reçue par internet"]);
    }
}

#[tokio::test]
async fn streams_read_at_the_same_time_lose_nothing() {
    let clock = clock();
    for store in stores(&clock).await {
        let start = at("2026-03-02T08:00:00Z");
        let requests: Vec<_> = (0..60).map(|rank| Request::new(rank, start)).collect();
        let later = start + SignedDuration::from_secs(5);
        let streams = [
            requests.iter().map(Request::received).collect::<Vec<_>>(),
            requests.iter().rev().map(Request::opened).collect(),
            requests.iter().map(|r| r.assigned(1, "voirie", "claire-martin", "opened", later)).collect(),
            requests.iter().rev().map(|r| r.acknowledged(later)).collect(),
        ];
        let read = streams.into_iter().map(|events| {
            let store = (*store).clone();
            tokio::spawn(async move {
                for batch in events.chunks(20) {
                    consume(&store, &Watchers::default(), batch).await;
                }
            })
        });
        for task in futures::future::join_all(read).await {
            task.unwrap();
        }
        let desk = agent(&[Role::Supervisor], &["voirie"]);
        for request in &requests {
            let seen = timeline(&store, &desk, request).await.unwrap();
            let mut positions: Vec<_> = seen.lines.iter().map(|line| line.position).collect();
            positions.sort_unstable();
            assert_eq!(positions, [1, 2, 3, 4]);
            assert_eq!(seen.facts.lines, 4);
            assert_eq!((seen.facts.status(), seen.facts.is_open()), ("assigned", true));
            assert!(seen.facts.acknowledged_at.is_some() && seen.facts.first_assigned_at.is_some());
        }
    }
}

#[tokio::test]
async fn what_one_may_not_read_does_not_exist() {
    let clock = clock();
    for store in stores(&clock).await {
        let request = Request::new(1, at("2026-03-02T08:00:00Z"));
        // The same reference in another town is another request.
        let elsewhere = Request {
            tenant: TenantId::parse("autreville").unwrap(),
            channel: "phone",
            ..Request::new(1, at("2026-03-02T08:00:00Z"))
        };
        let unknown = Request::new(2, at("2026-03-02T08:00:00Z"));
        let when = at("2026-03-02T08:30:00Z");
        let events =
            [request.received(), elsewhere.received(), request.assigned(1, "voirie", "claire-martin", "opened", when)];
        consume(&store, &Watchers::default(), &events).await;
        let neighbour = follower(&elsewhere);
        let refused = [
            (&Caller::anonymous(tenant()), &request),
            (&follower(&unknown), &request),
            (&follower(&unknown), &unknown),
            (&follower(&elsewhere), &unknown),
            (&agent(&[Role::CaseWorker], &["etat-civil"]), &request),
            (&agent(&[Role::ElectedOfficial, Role::Administrator], &["voirie"]), &request),
        ];
        for (caller, request) in refused {
            assert_eq!(timeline(&store, caller, request).await.err(), Some(ErrorKind::NotFound), "{caller:?}");
        }
        let by_id = AskTimeline { request_id: request.id.to_string(), ..Default::default() };
        assert!(usecase::get_timeline(&store, &follower(&request), &by_id).await.is_ok());
        assert!(usecase::get_timeline(&store, &neighbour, &by_id).await.is_err());
        let theirs = timeline(&store, &neighbour, &elsewhere).await.unwrap();
        assert_eq!(labels(&theirs), ["Demande reçue par téléphone"]);
        // The front desk sees what the citizen sees; a wrong reference is said to be wrong.
        let desk = timeline(&store, &agent(&[Role::FrontDesk], &[]), &request).await.unwrap();
        assert!(desk.lines.len() == 2 && desk.lines.iter().all(|line| line.public));
        let both = agent(&[Role::ElectedOfficial, Role::FrontDesk, Role::Supervisor], &["voirie"]);
        assert_eq!(timeline(&store, &both, &request).await.err(), Some(ErrorKind::NotFound), "elected, whatever else");
        let mistyped = AskTimeline { reference: "412-873-956-X".into(), ..AskTimeline::default() };
        let error = usecase::get_timeline(&store, &follower(&request), &mistyped).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

async fn next(lines: &mut mpsc::Receiver<parvis_kernel::Result<TimelineLine>>) -> Option<TimelineLine> {
    tokio::time::timeout(Duration::from_secs(20), lines.recv()).await.unwrap().map(Result::unwrap)
}

#[tokio::test]
async fn a_watched_request_tells_what_comes() {
    let clock = clock();
    for store in stores(&clock).await {
        let request = Request::new(1, at("2026-03-02T08:00:00Z"));
        let watchers = Watchers::default();
        consume(&store, &watchers, &[request.received(), request.opened()]).await;
        let shutdown = CancellationToken::new();
        // Only a commit of this process wakes it within the test's patience.
        let near = Watching { watchers: watchers.clone(), poll: Duration::from_secs(3600), shutdown: shutdown.clone() };
        // Only its own looking finds what another process committed.
        let far = Watching { watchers: Watchers::default(), poll: Duration::from_millis(20), ..near.clone() };
        let person = follower(&request);
        let wrong = usecase::watch_timeline(&store, &Caller::anonymous(tenant()), &ask(&request), &near).await;
        assert_eq!(wrong.err().unwrap().kind(), ErrorKind::NotFound);
        let other = store.another().await.unwrap();
        let mut near = usecase::watch_timeline(&store, &person, &ask(&request), &near).await.unwrap();
        let mut far = usecase::watch_timeline(&other, &person, &ask(&request), &far).await.unwrap();
        for lines in [&mut near, &mut far] {
            assert_eq!(next(lines).await.unwrap().label, "Demande reçue par internet");
        }
        let when = at("2026-03-02T08:30:00Z");
        let assigned = request.assigned(1, "voirie", "claire-martin", "opened", when);
        consume(&store, &watchers, &[assigned]).await;
        for lines in [&mut near, &mut far] {
            let line = next(lines).await.unwrap();
            assert_eq!((line.label.as_str(), line.position), ("Confiée à un agent du service : VOIRIE", 3));
        }
        shutdown.cancel();
        assert!(next(&mut near).await.is_none() && next(&mut far).await.is_none());
    }
}
