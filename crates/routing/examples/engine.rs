//! How many decisions a second, and how long each takes, with 5,000 agents, 300 units, 500 rules and a backlog that
//! grows from 1,000 to 100,000 cases: in memory, then over SQLite and PostgreSQL.
//!
//! `cargo run --release -p parvis-routing --example engine [-- --only memory|sqlite|postgres] [--backlog 100000]`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measure: it stops where something is wrong, and prints"
)]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, tz::TimeZone};
use parvis_bus::{Event, EventHandler as _};
use parvis_calendar::HolidayZone;
use parvis_directory::DirectoryFile;
use parvis_kernel::{AgentId, CaseId, Channel, EventId, RequestId, SettableClock, TenantId, Timestamp};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged},
    events::{CASE_OPENED, CASE_STATUS_CHANGED},
    to_proto_time,
};
use parvis_routing::{
    MIGRATIONS, Router,
    consumer::CaseworkHandler,
    domain::{CaseFacts, Cause, Desk, Known, Snapshot},
    import_directory,
    usecase::drain_queues,
};
use parvis_runtime::{Tenant, Tenants};
use parvis_testkit::TestStore;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

const UNITS: usize = 300;
const AGENTS: usize = 5_000;
const RULES: usize = 500;
const SKILLS: usize = 40;
const CAPACITY: usize = 2;
/// Cases closed between two sweeps in memory.
const CLOSED: usize = 200;
const BACKLOGS: [usize; 3] = [1_000, 10_000, 100_000];

/// The same numbers at each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

fn monday() -> Timestamp {
    "2026-11-16T09:00:00Z".parse().unwrap()
}

fn tenant() -> TenantId {
    TenantId::parse("clairval").unwrap()
}

/// A metropolis: a tree of three levels, most units with sixteen agents, rules by words.
fn directory() -> DirectoryFile {
    let mut text = String::from(
        "tenant = \"clairval\"\ndefault_unit = \"unit-000\"\n[[calendar]]\ncode = \"bureaux\"\nname = \"Bureaux\"\n",
    );
    for day in ["monday", "tuesday", "wednesday", "thursday", "friday"] {
        writeln!(text, "{day} = [\"08:30-12:00\", \"13:30-17:30\"]").unwrap();
    }
    for unit in 0..UNITS {
        writeln!(text, "[[unit]]\ncode = \"unit-{unit:03}\"\nname = \"Service {unit}\"\ncalendar = \"bureaux\"")
            .unwrap();
        if unit > 0 {
            writeln!(text, "parent = \"unit-{:03}\"", if unit <= 20 { 0 } else { 1 + unit % 20 }).unwrap();
        }
    }
    for agent in 0..AGENTS {
        let (unit, skill) = (agent % UNITS, agent / UNITS % 2 + 2 * (agent % UNITS));
        let role = if agent < UNITS { "\"supervisor\"" } else { "\"case_worker\"" };
        writeln!(
            text,
            "[[agent]]\ncode = \"agent-{agent:04}\"\nfirst_name = \"Agent\"\nlast_name = \"{agent}\"\nemail = \"a{agent}@clairval.example\"\n\
             roles = [{role}]\nunits = [\"unit-{unit:03}\"]\nskills = {{ skill-{:02} = {} }}\nlanguages = [\"fr\"]\ncapacity = {CAPACITY}",
            skill % SKILLS,
            1 + agent % 5
        )
        .unwrap();
    }
    for rule in 0..RULES {
        let unit = rule % UNITS;
        writeln!(
            text,
            "[[rule]]\ncode = \"rule-{rule:03}\"\nname = \"Règle {rule}\"\nwords = [\"mot{rule}\", \"autre mot{rule}\"]\nunit = \"unit-{unit:03}\""
        )
        .unwrap();
        if rule % 3 == 0 {
            writeln!(text, "skill = \"skill-{:02}\"", 2 * unit % SKILLS).unwrap();
        }
    }
    parvis_directory::parse("metropolis.toml", &text).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

fn facts(dice: &mut Dice, at: Timestamp) -> CaseFacts {
    CaseFacts {
        channel: Some(Channel::Web),
        procedure: None,
        procedure_unit: None,
        procedure_skill: None,
        title: String::new(),
        text: said(dice),
        district: String::new(),
        address: String::new(),
        requester_kind: None,
        requester_key: format!("person-{}", dice.below(1_000_000)),
        language: String::new(),
        site: None,
        answers: BTreeMap::new(),
        point: None,
        received_at: at,
    }
}

/// Forty words, one of which a rule knows.
fn said(dice: &mut Dice) -> String {
    let rule = dice.below(RULES);
    format!(
        "Bonjour, {} je vous écris au sujet de mot{rule} {} merci.",
        "depuis hier ma rue ".repeat(4),
        "devant chez moi ".repeat(5)
    )
}

/// Durations in order, and what they come to.
struct Figures(Vec<Duration>);

impl Figures {
    fn line(mut self, what: &str, backlog: usize, each: usize) {
        self.0.sort();
        let at = |percent: usize| self.0[(self.0.len() * percent / 100).min(self.0.len() - 1)].as_secs_f64() * 1e3;
        let total: f64 = self.0.iter().map(Duration::as_secs_f64).sum();
        let decisions = self.0.len() * each;
        println!(
            "| {what:<44} | {backlog:>7} | {:>10.0} | {:>8.3} | {:>8.3} |",
            decisions as f64 / total,
            at(50),
            at(99)
        );
    }
}

fn heading(where_: &str) {
    println!(
        "\n## {where_}\n\n| {:<44} | {:>7} | {:>10} | {:>8} | {:>8} |",
        "what", "waiting", "per second", "p50 ms", "p99 ms"
    );
    println!("|{}|{}|{}|{}|{}|", "-".repeat(46), "-".repeat(9), "-".repeat(12), "-".repeat(10), "-".repeat(10));
}

fn in_memory(file: &DirectoryFile, backlog: usize) {
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let snapshot = Arc::new(Snapshot::new(1, 1, file.clone(), HolidayZone::Metropole, paris));
    let mut dice = Dice(backlog as u64);
    let mut now = monday();
    let mut desk = Desk::new(snapshot, now, BTreeMap::new(), Vec::new(), Known::default());
    let (mut held, mut waiting): (Vec<(CaseId, AgentId)>, usize) = (Vec::new(), 0);
    while waiting < backlog {
        let id = CaseId::new();
        desk.open(id, String::new(), 1, &facts(&mut dice, now));
        match desk.case(id).and_then(|case| case.agent.clone()) {
            Some(agent) => held.push((id, agent)),
            None => waiting += 1,
        }
        desk.take_changes();
    }
    let (mut opened, mut swept) = (Vec::new(), Vec::new());
    for turn in 1..=20_000 {
        now += SignedDuration::from_millis(200);
        desk.move_to(now);
        let facts = facts(&mut dice, now);
        let start = Instant::now();
        desk.open(CaseId::new(), String::new(), 1, &facts);
        let changes = desk.take_changes();
        opened.push(start.elapsed());
        held.extend(changes.decided.iter().filter_map(|it| Some((it.case_id, it.agent.clone()?))));
        desk.close(held.swap_remove(dice.below(held.len())).0);
        desk.take_changes();
        if turn % CLOSED != 0 {
            continue;
        }
        let start = Instant::now();
        desk.drain(Cause::CapacityFreed, CLOSED, &HashSet::new());
        let changes = desk.take_changes();
        swept.push(start.elapsed());
        held.extend(changes.decided.iter().filter_map(|it| Some((it.case_id, it.agent.clone()?))));
    }
    Figures(opened).line("a case opens (500 rules, then the agents)", backlog, 1);
    Figures(swept).line("200 cases closed: a sweep gives as many", backlog, CLOSED);
}

fn event(case: CaseSnapshot, closed: bool, at: Timestamp) -> Event {
    let (id, version) = (case.id.clone(), case.version);
    let payload = if closed {
        CaseStatusChanged { case: Some(case), kind: "closed".to_owned(), ..Default::default() }.encode_to_vec()
    } else {
        CaseOpened { case: Some(case) }.encode_to_vec()
    };
    let kind = if version > 1 { CASE_STATUS_CHANGED } else { CASE_OPENED };
    Event {
        id: EventId::new(),
        tenant: tenant(),
        kind: kind.to_owned(),
        partition: id.parse::<CaseId>().map_or(0, CaseId::partition),
        subject: id,
        traceparent: String::new(),
        at,
        payload: payload.into(),
    }
}

fn opened(dice: &mut Dice, at: Timestamp) -> Event {
    let case = CaseSnapshot {
        id: RequestId::new().to_string(),
        reference: "412-873-952-K".to_owned(),
        version: 1,
        state: "new".to_owned(),
        channel: "web".to_owned(),
        received_at: Some(to_proto_time(at)),
        text: said(dice),
        requester_key: format!("person-{}", dice.below(1_000_000)),
        ..Default::default()
    };
    event(case, false, at)
}

fn closed(id: CaseId, at: Timestamp) -> Event {
    let case = CaseSnapshot { id: id.to_string(), version: 2, state: "closed".to_owned(), ..Default::default() };
    event(case, true, at)
}

async fn deliver(router: &Router, events: &[Event]) {
    let mut tx = router.store.begin().await.unwrap();
    CaseworkHandler(router.clone()).handle(&mut tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

async fn over(store: &TestStore, clock: &SettableClock, file: &DirectoryFile, backlogs: &[usize]) {
    let tenants = Tenants::new(vec![Tenant {
        slug: tenant(),
        name: "Clairval".to_owned(),
        insee: "49999".to_owned(),
        population: 1,
        hosts: Vec::new(),
        holidays: "metropole".to_owned(),
        timezone: "Europe/Paris".to_owned(),
        email: String::new(),
        phone: String::new(),
        address: String::new(),
        website: String::new(),
        second_factor: Vec::new(),
    }])
    .unwrap();
    let router = Router::new((**store).clone(), tenants.clone());
    import_directory(store, &tenants, file).await.unwrap();
    let mut said = store.take_committed().unwrap();
    let mut held: HashMap<CaseId, String> = HashMap::new();
    let mut waiting = 0;
    let mut dice = Dice(7);
    let mut now = monday();
    let mut heard = |held: &mut HashMap<CaseId, String>, waiting: &mut usize| {
        let mut decisions = 0;
        while let Ok(rows) = said.try_recv() {
            for row in rows {
                let Ok(case) = parvis_proto::routing::CaseAssigned::decode(row.payload.as_slice()) else { continue };
                decisions += 1;
                let id: CaseId = case.case_id.parse().unwrap();
                match (case.agent.is_empty(), case.sequence) {
                    (true, _) => *waiting += 1,
                    (false, sequence) => {
                        *waiting -= usize::from(sequence > 1);
                        held.insert(id, case.agent);
                    }
                }
            }
        }
        decisions
    };
    for &backlog in backlogs {
        while waiting < backlog {
            let batch: Vec<_> = (0..256).map(|_| opened(&mut dice, now)).collect();
            deliver(&router, &batch).await;
            heard(&mut held, &mut waiting);
        }
        for (size, rounds) in [(1, 300), (32, 60), (256, 20)] {
            let mut spent = Vec::new();
            for _ in 0..rounds {
                now += SignedDuration::from_millis(500);
                clock.set(now);
                let batch: Vec<_> = (0..size).map(|_| opened(&mut dice, now)).collect();
                let start = Instant::now();
                deliver(&router, &batch).await;
                spent.push(start.elapsed());
            }
            heard(&mut held, &mut waiting);
            Figures(spent).line(&format!("cases open, {size} in one transaction"), waiting, size);
        }
        let (mut spent, mut given) = (Vec::new(), 0);
        for _ in 0..20 {
            let leaving: Vec<CaseId> = held.keys().copied().take(200).collect();
            let batch: Vec<_> = leaving.iter().map(|id| closed(*id, now)).collect();
            for id in &leaving {
                held.remove(id);
            }
            deliver(&router, &batch).await;
            let start = Instant::now();
            drain_queues(&router, &CancellationToken::new()).await.unwrap();
            spent.push(start.elapsed());
            given += heard(&mut held, &mut waiting);
        }
        Figures(spent).line(&format!("200 cases close: a sweep gives {}", given / 20), waiting, given / 20);
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| arguments.iter().position(|it| it == name).and_then(|at| arguments.get(at + 1));
    let wanted = |name: &str| after("--only").is_none_or(|only| only == name);
    let backlogs: Vec<usize> = match after("--backlog").and_then(|it| it.parse().ok()) {
        Some(only) => vec![only],
        None => BACKLOGS.to_vec(),
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": unknown")
        .trim_start_matches([' ', '\t', ':']);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let build = if cfg!(debug_assertions) { ", DEBUG BUILD" } else { "" };
    println!("Machine: {cpu}, {cores} cores{build}. {AGENTS} agents, {UNITS} units, {RULES} rules.");
    let file = directory();
    if wanted("memory") {
        heading("In memory");
        for backlog in &backlogs {
            in_memory(&file, *backlog);
        }
    }
    let clock = SettableClock::at(monday());
    if wanted("sqlite") {
        heading("Over SQLite");
        let store = TestStore::sqlite_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        over(&store, &clock, &file, &backlogs).await;
    }
    if wanted("postgres") {
        heading("Over PostgreSQL");
        let store = TestStore::postgres_at(MIGRATIONS, Arc::new(clock.clone())).await.unwrap();
        over(&store, &clock, &file, &backlogs).await;
    }
}
