#[path = "service/support.rs"]
mod support;
use parvis_kernel::*;
use parvis_tracking::{
    Watchers,
    usecase::{self, *},
};
use sea_orm::ConnectionTrait;
use support::*;
#[tokio::test(flavor = "multi_thread")]
async fn speed() {
    let clock = clock();
    for store in stores(&clock).await {
        let now = at("2026-03-20T11:00:00Z");
        let reqs: Vec<_> = (0..2048).map(|n| Request::new(n, now)).collect();
        let t = std::time::Instant::now();
        for c in reqs.chunks(256) {
            for evs in [
                c.iter().map(|r| r.received()).collect::<Vec<_>>(),
                c.iter().map(|r| r.opened()).collect(),
                c.iter().map(|r| r.assigned(1, "voirie", "claire-martin", "opened", now)).collect(),
                c.iter().map(|r| r.acknowledged(now)).collect(),
            ] {
                consume(&store, &Watchers::default(), &evs).await;
            }
        }
        eprintln!("{:?} 2048 requests x 4 events: {:?}", store.backend(), t.elapsed());
        let pg = store.backend() == sea_orm::DbBackend::Postgres;
        for total in [100_000_i64, 1_000_000] {
            store.write().execute_unprepared("DELETE FROM request_facts").await.unwrap();
            let series = if pg {
                format!("generate_series(1::bigint,{total}::bigint) AS g(n)")
            } else {
                format!(
                    "(WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM g WHERE n<{total}) SELECT n FROM g) AS g"
                )
            };
            let id = if pg { "gen_random_uuid()" } else { "randomblob(16)" };
            // A year of requests.
            let per_day = total / 365;
            store.write().execute_unprepared(&format!("INSERT INTO request_facts SELECT 'clairval', {id}, 'r'||n, '', (20532-n/{per_day})*86400000000, 20532-n/{per_day}, 'web','nid','voirie','t','',5,1,CASE WHEN n>{}/50 THEN 'closed' ELSE 'new' END,1,'voirie'||(n%12),'Voirie','',1,(20532-n/{per_day})*86400000000+n%7777*1000000,1,(20532-n/{per_day})*86400000000+n%777777*1000000,2,CASE WHEN n>{}/50 THEN 20532-n/{per_day} END,n<={}/50,0,n%9/8,20000,4 FROM {series}", total,total,total)).await.unwrap();
            store.write().execute_unprepared("ANALYZE").await.unwrap();
            for (from, until) in [("", ""), ("2025-04-01", "2026-03-20")] {
                for _ in 0..2 {
                    let t = std::time::Instant::now();
                    let ask = AskFigures { from: from.into(), until: until.into(), unit: String::new() };
                    let f =
                        usecase::get_figures(&store, &Default::default(), &agent(&[Role::ElectedOfficial], &[]), &ask)
                            .await
                            .unwrap();
                    eprintln!(
                        "{:?} total {total} {from:?}: received {} open {} {:?} {:?}",
                        store.backend(),
                        f.received,
                        f.open,
                        f.to_assignment,
                        t.elapsed()
                    );
                }
            }
            let t = std::time::Instant::now();
            for n in 0..100 {
                let ask =
                    AskTimeline { reference: Reference::of_rank(n, 7).unwrap().to_string(), ..Default::default() };
                let _ = usecase::get_timeline(&store, &agent(&[Role::FrontDesk], &[]), &ask).await;
            }
            eprintln!("100 lookups {:?}", t.elapsed());
        }
    }
}
