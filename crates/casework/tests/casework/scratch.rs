use std::time::Instant;
use parvis_kernel::*;
use parvis_proto::casework::{self as proto, casework_service_server::CaseworkService as _};
use sea_orm::ConnectionTrait as _;
use crate::support::*;

async fn million(world: World, pg: bool) {
    let filed = world.file("clairval", 5, |_| {});
    world.receive(std::slice::from_ref(&filed.event)).await;
    world.assign(&[assigned(&filed, 1, "unite-3", "agent-3")]).await;
    for round in 0..3 {
        let f: Vec<_> = (1000 + round*300..1300+round*300).map(|rank| world.file("clairval", rank, |_| {})).collect();
        let t = Instant::now();
        world.receive(&f.iter().map(|f| f.event.clone()).collect::<Vec<_>>()).await;
        let a = t.elapsed();
        let t = Instant::now();
        world.assign(&f.iter().map(|f| assigned(f, 1, "unite-4", "agent-4")).collect::<Vec<_>>()).await;
        println!("300 opened in {a:?}, shown in {:?}", t.elapsed());
    }
    let conn = world.store.write();
    let t = Instant::now();
    let series = if pg { "SELECT x FROM generate_series(1, 1000000) AS s(x)" } else {
        "WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM s WHERE x < 1000000) SELECT x FROM s" };
    let (id, bytes) = if pg { ("(lpad(to_hex(x),32,'0'))::uuid", "convert_to('nom'||(x%5000)||' zoe','UTF8')") } else { ("CAST(unhex(printf('%032x', x)) AS BLOB)", "CAST('nom'||(x%5000)||' zoe' AS BLOB)") };
    conn.execute_unprepared(&format!(
        "INSERT INTO cases SELECT {id}, 'clairval', 200000000 + x, 1, 0, CASE WHEN x % 20 = 0 THEN 'assigned' ELSE 'closed' END, (x % 20) = 0, '', x*1000, 'titre', 'web', x, x, NULL, procedure_snapshot, 'unite-' || (x % 15), unit_contact, CASE WHEN x%40=0 THEN '@unite-'||(x%15) ELSE 'agent-' || (x % 100) END, 'agent-' || (x % 100), '', 'normal', 'Nom', {bytes}, NULL, NULL, FALSE, CASE WHEN x % 20 = 0 THEN 9000000000000000 END, FALSE, 0, TRUE, NULL, '' FROM ({series}) AS n, (SELECT procedure_snapshot, unit_contact FROM cases LIMIT 1) AS c")).await.unwrap();
    println!("filled in {:?}", t.elapsed());
    if pg { conn.execute_unprepared("ANALYZE").await.unwrap(); }
    let units: Vec<String> = (0..15).map(|u| format!("unite-{u}")).collect();
    let units: Vec<&str> = units.iter().map(String::as_str).collect();
    let chief = agent("clairval", "agent-3", &[Role::Supervisor, Role::CaseWorker], &units);
    for (view, query, states) in [("mine","",vec![]),("unit","",vec![]),("queue","",vec![]),("filed","",vec![]),("unit","",vec!["closed"]),("unit","nom1234",vec![]),("unit","nom",vec![]),("unit","nom4",vec!["closed"]),("mine","",vec!["closed"]),("unit","",vec!["waiting_citizen"])] {
        for round in 0..3 {
        let mut token = String::new();
        let t = Instant::now();
        let mut n = 0;
        for _ in 0..2 {
            let m = proto::ListCasesRequest { view: view.into(), query: query.into(), states: states.iter().map(|s| s.to_string()).collect(), page: Some(parvis_proto::common::PageRequest{size:50, token}), ..Default::default() };
            let r = world.rpc.list_cases(as_caller(&chief, m)).await.unwrap().into_inner();
            n += r.cases.len();
            token = r.next_page_token;
            if token.is_empty() { break; }
        }
        if round > 0 { println!("{view} {query:?} {states:?}: two pages {n} in {:?}", t.elapsed()); }
        }
    }
    let t = Instant::now();
    for _ in 0..20 { world.rpc.get_case(as_caller(&chief, proto::GetCaseRequest { id: String::new(), reference: filed.reference.clone() })).await.unwrap(); }
    println!("get_case {:?}", t.elapsed()/20);
    let t = Instant::now();
    for _ in 0..20 { world.rpc.get_public_case(as_caller(&Caller::anonymous(town("clairval")), proto::GetPublicCaseRequest { reference: filed.reference.clone(), tracking_code: CODE.into() })).await.unwrap(); }
    println!("get_public_case {:?}", t.elapsed()/20);
    let t = Instant::now();
    std::sync::Arc::new(world.casework.clone()).run_timers(Default::default()).await.unwrap();
    println!("timers {:?}", t.elapsed());
}
#[tokio::test] async fn on_sqlite() { million(World::sqlite().await, false).await }
#[tokio::test] async fn on_postgres() { million(World::postgres().await, true).await }
