//! `/admin/agents`: who is there, what each knows, what each has in hand.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use parvis_proto::routing::{Agent, GetDirectoryRequest, ListAgentsRequest, SetPresenceRequest};
use serde::Deserialize;

use super::{Answer, ORGANISERS, frame};
use crate::{
    csrf::CsrfFields,
    pages::{
        field::Choice,
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

struct AgentView {
    code: String,
    name: String,
    job: String,
    units: String,
    skills: String,
    languages: String,
    calendar: String,
    load: String,
    full: bool,
    state: &'static str,
    tone: &'static str,
    present: bool,
}

#[derive(Template)]
#[template(path = "admin/agents.html")]
struct AgentsPage {
    shell: Shell,
    tabs: Vec<Link>,
    unit: String,
    units: Vec<Choice>,
    agents: Vec<AgentView>,
    caption: String,
}

/// Of one service, or all.
#[derive(Deserialize)]
pub struct Of {
    #[serde(default)]
    service: String,
}

/// The page.
pub async fn show(desk: Desk, Query(Of { service }): Query<Of>) -> Answer {
    desk.require(&ORGANISERS)?;
    let state = &desk.page.state;
    let request = ListAgentsRequest { unit: service.clone() };
    let (agents, directory) =
        tokio::join!(async { answer(state.routing()?.list_agents(desk.call(request)).await) }, async {
            answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await)
        },);
    let agents = agents.map_err(refused)?.agents;
    let directory = directory.map_err(refused)?;
    let names: HashMap<&str, &str> =
        directory.units.iter().map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    let ready = agents.iter().filter(|agent| agent.may_receive).count() as u64;
    let caption = format!(
        "{}, dont {} peuvent recevoir un dossier maintenant",
        format::plural(agents.len() as u64, "agent", "agents"),
        format::count(ready),
    );
    let agents = agents.into_iter().map(|agent| view(agent, &names)).collect();
    let units = directory.units.iter().map(|unit| Choice::new(&unit.code, &unit.name)).collect();
    let (shell, tabs) = frame(&desk, "Agents").await;
    render(&AgentsPage { shell, tabs, unit: service, units, agents, caption })
}

fn view(agent: Agent, names: &HashMap<&str, &str>) -> AgentView {
    let units = agent.units.iter().map(|code| names.get(code.as_str()).copied().unwrap_or(code));
    let skills = agent.skills.iter().map(|skill| format!("{} ({})", format::skill(&skill.code), skill.level));
    let full = agent.capacity > 0 && agent.load >= agent.capacity;
    let (state, tone) = match (agent.presence.as_str(), agent.working_now, full) {
        _ if agent.capacity == 0 => ("Ne reçoit pas de dossier", "plain"),
        ("away", ..) => ("Absent", "waiting"),
        (_, false, _) => ("Hors de ses horaires", "plain"),
        (_, true, true) => ("Au complet", "late"),
        _ => ("Disponible", "good"),
    };
    AgentView {
        name: format!("{} {}", agent.first_name, agent.last_name),
        units: units.collect::<Vec<_>>().join(", "),
        skills: skills.collect::<Vec<_>>().join(", "),
        languages: agent.languages.join(", "),
        calendar: format::skill(&agent.calendar),
        load: format!("{} sur {}", agent.load, agent.capacity),
        present: agent.presence != "away",
        code: agent.code,
        job: agent.job_title,
        full,
        state,
        tone,
    }
}

/// Sets somebody's presence.
pub async fn set_presence(desk: Desk, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ORGANISERS)?;
    let presence = if fields.first("presence") == "present" { "present" } else { "away" };
    let request = SetPresenceRequest { agent: fields.first("agent").to_owned(), presence: presence.to_owned() };
    answer(desk.page.state.routing()?.set_presence(desk.call(request)).await).map_err(refused)?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("fait", "presence").append_pair("service", fields.first("service"));
    Ok(Redirect::to(&format!("/admin/agents?{}", query.finish())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_somebody_receives_nothing_is_said() {
        let agent = |presence: &str, working_now, load| {
            let agent = Agent { presence: presence.into(), working_now, load, capacity: 5, ..Agent::default() };
            view(agent, &HashMap::new()).state
        };
        assert_eq!(agent("present", true, 2), "Disponible");
        assert_eq!(agent("away", true, 2), "Absent");
        assert_eq!(agent("present", false, 2), "Hors de ses horaires");
        assert_eq!(agent("present", true, 5), "Au complet");
        assert_eq!(view(Agent::default(), &HashMap::new()).state, "Ne reçoit pas de dossier");
    }
}
