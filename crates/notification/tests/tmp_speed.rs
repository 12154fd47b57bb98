#[path = "service/support.rs"]
mod support;
use support::*;
#[tokio::test(flavor = "multi_thread")]
async fn speed() {
    let clock = clock();
    for store in stores(&clock).await {
        let folder = tempfile::tempdir().unwrap();
        let courier = courier(&store, &config("", folder.path()));
        let events: Vec<_> = (0..4096).map(|_| event(&tenant(), &notice("acknowledgment", "email"))).collect();
        let t = std::time::Instant::now();
        for c in events.chunks(256) {
            consume(&store, c).await;
        }
        eprintln!("{:?} queue 4096: {:?}", store.backend(), t.elapsed());
        let t = std::time::Instant::now();
        deliver(&courier).await;
        eprintln!("deliver 4096: {:?}", t.elapsed());
        if store.backend() == sea_orm::DbBackend::Sqlite {
            let f = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
            eprintln!("{}", std::fs::read_to_string(f.path()).unwrap());
        }
    }
}
