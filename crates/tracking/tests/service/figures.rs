//! Figures: against a set counted by hand, and against a plain count of random data.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::date};
use parvis_kernel::{Caller, ErrorKind, Role, TenantId, Timestamp};
use parvis_proto::tracking::{self as wire, GetFiguresRequest, tracking_service_server::TrackingService as _};
use parvis_runtime::Tenants;
use parvis_store::Store;
use parvis_tracking::{
    TrackingApi, Watchers,
    usecase::{self, AskFigures, Figures},
};

use crate::support::*;

async fn figures(store: &Store, from: &str, until: &str, unit: &str) -> Figures {
    let ask = AskFigures { from: from.into(), until: until.into(), unit: unit.into() };
    usecase::count_figures(store, &Tenants::default(), &agent(&[Role::ElectedOfficial], &[]), &ask).await.unwrap()
}

#[tokio::test]
async fn a_small_set_counted_by_hand() {
    let clock = clock();
    for store in stores(&clock).await {
        let day = |n: i8, hour: i8| date(2026, 3, n).at(hour, 0, 0, 0).in_tz("Europe/Paris").unwrap().timestamp();
        let hours = |start: Timestamp, n: i64| start + SignedDuration::from_hours(n);
        // One, closed after two days; two, handed on and overdue; three, of the night between two days, only received;
        // four, before the period, closed in it; five, in the period, closed and reopened; and another town's.
        let one = Request::new(1, day(10, 9));
        let two = Request { channel: "phone", service_due_on: "2026-03-19", ..Request::new(2, day(10, 10)) };
        let three = Request { theme: "", ..Request::new(3, at("2026-03-10T23:30:00Z")) };
        let four = Request::new(4, day(1, 9));
        let five = Request { service_due_on: "2026-03-20", ..Request::new(5, day(12, 9)) };
        let foreign = Request { tenant: TenantId::parse("autreville").unwrap(), ..Request::new(6, day(10, 9)) };
        let mut events = vec![foreign.received(), three.received()];
        for (request, wait) in [(&one, 1), (&two, 3), (&four, 2), (&five, 5)] {
            events.extend([request.received(), request.opened(), request.acknowledged(hours(request.received_at, 1))]);
            events.push(request.assigned(1, "voirie", "claire-martin", "opened", hours(request.received_at, wait)));
        }
        events.push(two.assigned(2, "proprete", "", "reassigned", day(11, 9)));
        events.push(one.changed(2, "closed", "closed", day(12, 9)));
        events.push(four.changed(2, "closed", "closed", day(11, 9)));
        events.push(five.changed(2, "closed", "closed", day(13, 9)));
        events.push(five.changed(3, "reopened", "reopened", day(14, 9)));
        events.extend([
            instant_answer("accueil", day(10, 9)),
            instant_answer("voirie", day(12, 9)),
            instant_answer("voirie", day(20, 9)),
        ]);
        consume(&store, &Watchers::default(), &events).await;

        let found = figures(&store, "2026-03-10", "2026-03-13", "").await;
        assert_eq!((found.received, found.open, found.closed), (4, 3, 2));
        assert_eq!((found.acknowledged, found.instant_answers), (3, 2));
        assert_eq!(found.by_channel, BTreeMap::from([("web".into(), 3), ("phone".into(), 1)]));
        assert_eq!(found.by_theme, BTreeMap::from([("voirie".into(), 3), (String::new(), 1)]));
        let unit = |code: &str| {
            let of = &found.by_unit[code];
            (of.name.as_str(), of.received, of.open, of.closed, of.overdue)
        };
        assert_eq!(unit("voirie"), ("VOIRIE", 2, 1, 2, 0));
        assert_eq!(unit("proprete"), ("PROPRETE", 1, 1, 0, 1));
        assert_eq!(unit(""), ("", 1, 1, 0, 0));
        let days: Vec<_> = found.by_day.iter().map(|(day, received, closed)| (day.day(), *received, *closed)).collect();
        assert_eq!(days, [(10, 2, 0), (11, 1, 1), (12, 1, 1), (13, 0, 0)]);
        let hour = 3600.0;
        assert_eq!((found.to_assignment.count, found.to_assignment.median), (3, 3.0 * hour));
        assert!((found.to_assignment.p90 - 4.6 * hour).abs() < 0.001);
        assert_eq!((found.to_closing.count, found.to_closing.median), (2, 144.0 * hour));
        assert_eq!(found.share_reassigned, 0.25);

        // A unit that is called otherwise since is shown so, its earlier requests too.
        consume(&store, &Watchers::default(), &[described(&[("voirie", "Voirie et propreté")])]).await;
        let renamed = figures(&store, "2026-03-10", "2026-03-13", "").await;
        assert_eq!(
            (renamed.by_unit["voirie"].name.as_str(), renamed.by_unit["proprete"].name.as_str()),
            ("Voirie et propreté", "PROPRETE")
        );

        let voirie = figures(&store, "2026-03-10", "2026-03-13", "voirie").await;
        assert_eq!((voirie.received, voirie.open, voirie.closed, voirie.instant_answers), (2, 1, 2, 1));
        let usual = figures(&store, "", "", "").await;
        assert_eq!((usual.from, usual.until), (date(2026, 2, 18), date(2026, 3, 20)));
        assert_eq!((usual.received, usual.by_day.len()), (5, 31));
    }
}

#[tokio::test]
async fn only_some_may_ask_and_only_for_a_period_that_is_one() {
    let clock = clock();
    for store in stores(&clock).await {
        let ask = async |caller: &Caller, from: &str, until: &str, unit: &str| {
            let ask = AskFigures { from: from.into(), until: until.into(), unit: unit.into() };
            usecase::get_figures(&store, &Tenants::default(), caller, &ask).await.map_err(|error| error.kind()).err()
        };
        let official = agent(&[Role::ElectedOfficial], &[]);
        assert_eq!(ask(&Caller::anonymous(tenant()), "", "", "").await, Some(ErrorKind::Unauthenticated));
        assert_eq!(ask(&agent(&[Role::CaseWorker, Role::FrontDesk], &[]), "", "", "").await, Some(ErrorKind::Denied));
        for (from, until, unit) in [
            ("2026-03-02", "2026-03-01", ""),
            ("hier", "", ""),
            ("0001-01-01", "2026-03-01", ""),
            ("1990-01-01", "2026-03-01", ""),
            ("", "9999-12-31", ""),
            ("", "", "' OR 1=1"),
        ] {
            assert_eq!(ask(&official, from, until, unit).await, Some(ErrorKind::Invalid), "{from} {until} {unit}");
        }
        assert_eq!(ask(&official, "2026-03-01", "2026-03-01", "voirie").await, None);
    }
}

#[tokio::test]
async fn small_numbers_are_for_who_is_in_charge() {
    let clock = clock();
    for store in stores(&clock).await {
        let day = |n: i8| date(2026, 3, n).at(9, 0, 0, 0).in_tz("Europe/Paris").unwrap().timestamp();
        let mut events = Vec::new();
        // Seven for one unit, three for another, one for a third; two days.
        for (rank, unit) in
            [(7, "voirie"), (3, "social"), (1, "police")].iter().flat_map(|(n, unit)| vec![*unit; *n]).enumerate()
        {
            let request = Request::new(rank as u64 + 1, day(if rank < 9 { 10 } else { 11 }));
            let at = request.received_at;
            events.extend([request.received(), request.opened(), request.assigned(1, unit, "", "opened", at)]);
        }
        consume(&store, &Watchers::default(), &events).await;
        let api = TrackingApi::new(
            (*store).clone(),
            Tenants::default(),
            Watchers::default(),
            std::time::Duration::from_secs(1),
            tokio_util::sync::CancellationToken::new(),
        );
        let ask = async |caller: Caller, unit: &str| {
            let message =
                GetFiguresRequest { from: "2026-03-10".into(), until: "2026-03-12".into(), unit: unit.into() };
            let mut request = tonic::Request::new(message);
            request.extensions_mut().insert(std::sync::Arc::new(caller));
            api.get_figures(request).await.unwrap().into_inner()
        };
        let unit = |figures: &wire::Figures, code: &str| {
            let of = figures.by_unit.iter().find(|of| of.unit == code).unwrap();
            (of.received, of.hidden.contains(&"received".to_owned()))
        };
        for role in [Role::ElectedOfficial, Role::Administrator] {
            let all = ask(agent(&[role], &["social"]), "").await;
            assert_eq!((all.received, all.hidden.contains(&"received".to_owned())), (11, false));
            // Three and one are four together: the seven would give them away.
            for code in ["voirie", "social", "police"] {
                assert_eq!(unit(&all, code), (0, true), "{code}");
            }
            assert_eq!((all.by_day[0].received, all.by_day[1].received), (0, 0));
            assert!(all.by_day[2].hidden.is_empty(), "an absence tells of nobody");
            let social = ask(agent(&[role], &["social"]), "social").await;
            assert!(social.without_detail && social.by_day.is_empty() && social.by_channel.is_empty());
            assert_eq!((social.received, social.hidden[0].is_empty()), (0, false));
        }
        let in_charge = agent(&[Role::Supervisor], &["social"]);
        let all = ask(in_charge.clone(), "").await;
        assert_eq!((unit(&all, "social"), unit(&all, "police")), ((3, false), (0, true)));
        assert_eq!(unit(&all, "voirie"), (0, true), "or one could be subtracted");
        let social = ask(in_charge.clone(), "social").await;
        assert_eq!((social.received, social.hidden.len(), social.without_detail), (3, 0, false));
        assert_eq!(ask(in_charge, "police").await.received, 0);
    }
}

/// Numbers that look drawn, the same at each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[derive(Default)]
struct Plain {
    received_day: i8,
    closed_day: Option<i8>,
    open: bool,
    channel: &'static str,
    unit: &'static str,
    waited: Option<i64>,
    lasted: Option<i64>,
    reassigned: bool,
}

#[tokio::test]
async fn random_data_counts_as_it_does_plainly() {
    let clock = clock();
    for store in stores(&clock).await {
        let mut draw = Draw(20_260_302);
        let (mut plain, mut events) = (Vec::new(), Vec::new());
        for rank in 0..400 {
            let received_day = 1 + draw.below(18) as i8;
            let start = date(2026, 3, received_day).at(12, 0, 0, 0).in_tz("Europe/Paris").unwrap().timestamp();
            let channel = ["web", "phone", "counter"][draw.below(3) as usize];
            let request = Request { channel, ..Request::new(rank, start) };
            let mut row = Plain { received_day, open: true, channel, ..Plain::default() };
            events.push(request.received());
            if draw.below(10) > 0 {
                let waited = draw.below(20_000) as i64;
                row.unit = ["voirie", "etat-civil", "sport"][draw.below(3) as usize];
                row.waited = Some(waited);
                let when = start + SignedDuration::from_secs(waited);
                events.push(request.assigned(1, row.unit, "claire-martin", "opened", when));
                if draw.below(4) == 0 {
                    row.reassigned = true;
                    row.unit = "social";
                    events.push(request.assigned(2, "social", "", "reassigned", when));
                }
                if draw.below(2) == 0 {
                    let days = draw.below(5) as i64;
                    row.closed_day = Some(received_day + days as i8);
                    row.lasted = Some(days * 86_400);
                    row.open = false;
                    let when = start + SignedDuration::from_secs(days * 86_400);
                    events.push(request.changed(2, "closed", "closed", when));
                }
            }
            plain.push(row);
        }
        // Not in the order in which they happened.
        for at in (1..events.len()).rev() {
            events.swap(at, draw.below(at as u64 + 1) as usize);
        }
        for batch in events.chunks(97) {
            consume(&store, &Watchers::default(), batch).await;
        }
        for (from, until) in [(1, 20), (5, 5), (3, 11)] {
            let found = figures(&store, &format!("2026-03-{from:02}"), &format!("2026-03-{until:02}"), "").await;
            let received: Vec<_> = plain.iter().filter(|row| (from..=until).contains(&row.received_day)).collect();
            let closed: Vec<_> =
                plain.iter().filter(|row| row.closed_day.is_some_and(|day| (from..=until).contains(&day))).collect();
            assert_eq!(found.received, received.len() as u64);
            assert_eq!(found.closed, closed.len() as u64);
            assert_eq!(found.open, plain.iter().filter(|row| row.open).count() as u64);
            for channel in ["web", "phone", "counter"] {
                let n = received.iter().filter(|row| row.channel == channel).count() as u64;
                assert_eq!(found.by_channel.get(channel).copied().unwrap_or_default(), n);
            }
            for (unit, of) in &found.by_unit {
                assert_eq!(of.received, received.iter().filter(|row| row.unit == unit).count() as u64);
                assert_eq!(of.closed, closed.iter().filter(|row| row.unit == unit).count() as u64);
                assert_eq!(of.open, plain.iter().filter(|row| row.open && row.unit == unit).count() as u64);
            }
            for (day, n, _) in &found.by_day {
                assert_eq!(*n, received.iter().filter(|row| row.received_day == day.day()).count() as u64);
            }
            let reassigned = received.iter().filter(|row| row.reassigned).count() as f64;
            assert!((found.share_reassigned - reassigned / received.len() as f64).abs() < 1e-9);
            let waited = received.iter().filter_map(|row| row.waited).collect();
            let lasted = closed.iter().filter_map(|row| row.lasted).collect();
            for (found, mut plain) in [(found.to_assignment, waited), (found.to_closing, lasted)] {
                let plain: &mut Vec<i64> = &mut plain;
                plain.sort_unstable();
                assert_eq!(found.count, plain.len() as u64);
                let middle = (plain[(plain.len() - 1) / 2] + plain[plain.len() / 2]) as f64 / 2.0;
                assert!((found.median - middle).abs() < 1e-6);
                let rank = (plain.len() - 1) * 9;
                let (low, high) = (plain[rank / 10], plain[rank.div_ceil(10)]);
                assert!((low as f64..=high as f64).contains(&found.p90), "{low} {} {high}", found.p90);
            }
        }
    }
}
