//! What is late, for whoever supervises.

use parvis_kernel::ErrorKind;
use parvis_proto::casework::{CountDueCasesRequest, CountDueCasesResponse, DueCases, ListCasesRequest};

use crate::{
    browser::{Browser, page},
    town::town,
};

const PATH: &str = "/agent/dossiers/echeances";

#[tokio::test]
async fn supervisors_see_what_is_late_by_service_and_agent() {
    let world = town();
    let count = |agent: &str, name: &str, late, near| DueCases {
        unit: "voirie".into(),
        agent: agent.into(),
        agent_name: name.into(),
        late,
        near,
    };
    let counts = vec![count("karim", "Karim <b>Benali", 3, 1), count("", "", 0, 2)];
    world.seen.tell("count_due_cases", &CountDueCasesResponse { counts });
    let mut browser = Browser::agent(&world, &["supervisor"]);
    let html = page(PATH, &browser.get(PATH).await, 200);
    assert!(html.contains("Karim &#60;b&#62;Benali") && html.contains("Dans la file, sans agent"), "{html}");
    assert!(html.contains("Tout le service") && html.contains("VOIRIE"), "{html}");
    assert!(html.contains("agent=karim&#38;sous=7") && html.contains("page=12"), "{html}");
    let asked = world.seen.asked::<ListCasesRequest>("list_cases");
    // The world's clock says 23 November.
    assert_eq!((asked[0].view.as_str(), asked[0].due_by.as_str()), ("unit", "2026-11-30"));
    assert_eq!(world.seen.asked::<CountDueCasesRequest>("count_due_cases")[0].due_by, "2026-11-30");

    let one = format!("{PATH}?service=voirie&agent=file&sous=0");
    let html = page(&one, &browser.get(&one).await, 200);
    assert!(
        html.contains("Dossiers en attente d'un agent, VOIRIE") || html.contains("attente d&#39;un agent, VOIRIE"),
        "{html}"
    );
    let asked = world.seen.asked::<ListCasesRequest>("list_cases");
    let last = asked.last().unwrap();
    assert_eq!((last.view.as_str(), last.agent.as_str(), last.due_by.as_str()), ("queue", "", "2026-11-23"));

    world.seen.refuse("get_directory", ErrorKind::Unavailable);
    let html = page(PATH, &browser.get(PATH).await, 200);
    assert!(html.contains("voirie"), "the services' codes stand for their names: {html}");
    let mut worker = Browser::agent(&world, &["case_worker"]);
    page(PATH, &worker.get(PATH).await, 403);
    assert!(!page("cases", &worker.get("/agent/dossiers").await, 200).contains(PATH));
}
