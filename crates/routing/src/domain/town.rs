//! A small town for tests.

use std::collections::BTreeMap;

use jiff::{civil::date, tz::TimeZone};
use parvis_calendar::HolidayZone;
use parvis_directory::DirectoryFile;
use parvis_kernel::{AgentId, Channel, ProcedureCode, Timestamp};

use super::{AgentState, CaseFacts, Snapshot, Workload};

pub(crate) const TOWN: &str = r#"
tenant = "clairval"
default_unit = "accueil"

[[calendar]]
code = "bureaux"
name = "Bureaux"
monday = ["08:30-12:00", "13:30-17:30"]
tuesday = ["08:30-12:00", "13:30-17:30"]
wednesday = ["08:30-12:00", "13:30-17:30"]
thursday = ["08:30-12:00", "13:30-17:30"]
friday = ["08:30-12:00", "13:30-17:30"]

[[district]]
code = "centre"
name = "Centre-ville"
streets = ["rue du Port"]

[[unit]]
code = "accueil"
name = "Accueil"
calendar = "bureaux"
phone = "02 61 91 00 00"

[[unit]]
code = "voirie"
name = "Voirie"
calendar = "bureaux"

[[unit]]
code = "proprete"
name = "Propreté"
parent = "voirie"

[[team]]
code = "nord"
name = "Équipe nord"
unit = "voirie"

[[agent]]
code = "alice-roy"
first_name = "Alice"
last_name = "Roy"
email = "alice.roy@clairval.example"
roles = ["case_worker"]
units = ["voirie"]
teams = ["nord"]
skills = { voirie = 3 }
languages = ["fr", "en"]
capacity = 2

[[agent]]
code = "bruno-petit"
first_name = "Bruno"
last_name = "Petit"
email = "bruno.petit@clairval.example"
roles = ["case_worker", "supervisor"]
units = ["voirie", "proprete"]
skills = { voirie = 1, proprete = 2 }
languages = ["fr"]
capacity = 3

[[agent]]
code = "chloe-blanc"
first_name = "Chloé"
last_name = "Blanc"
email = "chloe.blanc@clairval.example"
roles = ["case_worker"]
units = ["accueil"]
languages = ["fr", "pt-BR"]
capacity = 5

[[absence]]
agent = "bruno-petit"
from = "2026-12-21"
until = "2026-12-24"

[[rule]]
code = "bruit"
name = "Bruit la nuit"
procedure = ["signaler-bruit"]
time = "outside_hours"
unit = "proprete"
priority = "urgent"

[[rule]]
code = "matelas"
name = "Encombrants"
words = ["matelas", "dépôt sauvage"]
unit = "proprete"
skill = "proprete"
priority = "high"

[[rule]]
code = "centre"
name = "Chaussée du centre"
channel = ["web"]
district = ["centre"]
unit = "voirie"
team = "nord"
"#;

pub(crate) fn directory() -> DirectoryFile {
    parvis_directory::parse("town.toml", TOWN).unwrap()
}

pub(crate) fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

pub(crate) fn snapshot_of(directory: DirectoryFile) -> Snapshot {
    Snapshot::new(1, 1, directory, HolidayZone::Metropole, paris())
}

/// A Monday morning.
pub(crate) fn monday() -> Timestamp {
    date(2026, 11, 16).at(10, 0, 0, 0).to_zoned(paris()).unwrap().timestamp()
}

pub(crate) fn agent(code: &str) -> AgentId {
    AgentId::parse(code).unwrap()
}

pub(crate) fn idle(snapshot: &Snapshot, now: Timestamp) -> Workload {
    Workload::new(snapshot, BTreeMap::<_, AgentState>::new(), now)
}

pub(crate) fn facts(text: &str) -> CaseFacts {
    CaseFacts {
        channel: Some(Channel::Web),
        procedure: None,
        procedure_unit: None,
        procedure_skill: None,
        title: String::new(),
        text: text.to_owned(),
        answers: BTreeMap::new(),
        point: None,
        district: String::new(),
        address: String::new(),
        requester_kind: None,
        requester_key: String::new(),
        language: String::new(),
        site: None,
        received_at: monday(),
    }
}

pub(crate) fn procedure(code: &str) -> Option<ProcedureCode> {
    ProcedureCode::parse(code).ok()
}
