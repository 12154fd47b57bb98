//! `/admin/deplacer`: all the work of an agent who leaves, or of a service that is merged, shown then moved.

use std::collections::HashMap;

use askama::Template;
use axum::response::{IntoResponse, Redirect};
use http::StatusCode;
use parvis_kernel::ErrorKind;
use parvis_proto::routing::{GetDirectoryRequest, ListAgentsRequest, MoveWorkRequest, MoveWorkResponse};

use super::{Answer, ORGANISERS, frame};
use crate::{
    csrf::CsrfFields,
    pages::{
        field::Choice,
        format,
        page::{Desk, refused, show_with},
        shell::{Link, Shell},
    },
    sentences,
    state::answer,
};

struct Line {
    reference: String,
    from: String,
    to: String,
    why: String,
}

struct PlanView {
    count: String,
    queued: String,
    more: String,
    digest: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "admin/moves.html")]
struct MovesPage {
    shell: Shell,
    tabs: Vec<Link>,
    error: String,
    agents: Vec<Choice>,
    units: Vec<Choice>,
    agent: String,
    unit: String,
    to_unit: String,
    reason: String,
    plan: Option<PlanView>,
}

/// The empty form.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ORGANISERS)?;
    form(&desk, &MoveWorkRequest::default(), "", None).await
}

/// Shows the plan; moves once it is confirmed.
pub async fn act(desk: Desk, fields: CsrfFields) -> Answer {
    desk.require(&ORGANISERS)?;
    let confirmed = fields.first("etape") == "deplacer";
    let text = |name: &str| fields.first(name).trim().to_owned();
    let request = MoveWorkRequest {
        agent: text("agent"),
        unit: text("service"),
        to_unit: text("vers"),
        reason: text("motif"),
        preview: !confirmed,
        expected_plan: if confirmed { text("plan") } else { String::new() },
    };
    if let Some(error) = wrong(&request) {
        return form(&desk, &request, error, None).await;
    }
    match answer(desk.page.state.routing()?.move_work(desk.call(request.clone())).await) {
        Ok(_) if confirmed => Ok(Redirect::to("/admin/agents?fait=travail-deplace").into_response()),
        Ok(plan) => form(&desk, &request, "", Some(plan)).await,
        Err(error) => {
            let said = match (error.kind(), error.violations()) {
                (ErrorKind::Conflict, _) => "Des dossiers ont bougé depuis l'aperçu. Affichez-le à nouveau.".to_owned(),
                (ErrorKind::Invalid, [violation, ..]) => sentences::of_field(violation),
                (ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::FailedPrecondition, _) => {
                    sentences::of_whole(&error)
                }
                _ => return Err(refused(error)),
            };
            form(&desk, &request, &said, None).await
        }
    }
}

/// What must be filled in otherwise.
fn wrong(request: &MoveWorkRequest) -> Option<&'static str> {
    let reason = request.reason.chars().count();
    match (request.agent.is_empty(), request.unit.is_empty(), request.to_unit.is_empty()) {
        (false, true, true) | (true, false, false) => {}
        (true, false, true) => return Some("Choisissez le service qui reprend les dossiers."),
        (true, true, _) => return Some("Choisissez un agent, ou un service et celui qui reprend ses dossiers."),
        (false, ..) => return Some("Choisissez un agent ou un service, pas les deux."),
    }
    (!(3..=500).contains(&reason)).then_some("Donnez le motif, en 3 à 500 caractères.")
}

async fn form(desk: &Desk, request: &MoveWorkRequest, error: &str, plan: Option<MoveWorkResponse>) -> Answer {
    let state = &desk.page.state;
    let (agents, directory) = tokio::join!(
        async { answer(state.routing()?.list_agents(desk.call(ListAgentsRequest::default())).await) },
        async { answer(state.routing()?.get_directory(desk.call(GetDirectoryRequest {})).await) },
    );
    let agents = agents.map_err(refused)?.agents;
    let directory = directory.map_err(refused)?;
    let name = |agent: &parvis_proto::routing::Agent| format!("{} {}", agent.first_name, agent.last_name);
    let names: HashMap<String, String> = agents.iter().map(|agent| (agent.code.clone(), name(agent))).collect();
    let with_work = |agent: &&parvis_proto::routing::Agent| agent.capacity > 0;
    let choice = |agent: &parvis_proto::routing::Agent| {
        Choice::new(
            &agent.code,
            format!("{} ({})", name(agent), format::plural(u64::from(agent.load), "dossier", "dossiers")),
        )
    };
    let (shell, tabs) = frame(desk, "Déplacer le travail").await;
    let shell = shell.with_errors(usize::from(!error.is_empty()));
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_with(
        status,
        &MovesPage {
            shell,
            tabs,
            error: error.to_owned(),
            agents: agents.iter().filter(with_work).map(choice).collect(),
            units: directory.units.iter().map(|unit| Choice::new(&unit.code, &unit.name)).collect(),
            agent: request.agent.clone(),
            unit: request.unit.clone(),
            to_unit: request.to_unit.clone(),
            reason: request.reason.clone(),
            plan: plan.map(|plan| view(plan, &names)),
        },
    )
}

fn view(plan: MoveWorkResponse, names: &HashMap<String, String>) -> PlanView {
    let line = |moved: parvis_proto::routing::MovedWork| Line {
        reference: moved.reference,
        from: names.get(&moved.from_agent).cloned().unwrap_or_else(|| "La file".to_owned()),
        to: match moved.agent_name.as_str() {
            "" => format!("La file du service {}", moved.unit_name),
            name => format!("{name} ({})", moved.unit_name),
        },
        why: moved.summary,
    };
    let (total, remaining) = (u64::from(plan.total), u64::from(plan.remaining));
    let unlisted = total.saturating_sub(plan.moved.len() as u64);
    let mut more = Vec::new();
    if unlisted > 0 {
        more.push(format!("{} de plus ne sont pas affichés ici.", format::plural(unlisted, "dossier", "dossiers")));
    }
    if remaining > 0 {
        let rest = format::plural(remaining, "dossier", "dossiers");
        more.push(format!("Il restera {rest} à déplacer ensuite, de la même façon."));
    }
    PlanView {
        count: format::plural(total, "dossier à déplacer", "dossiers à déplacer"),
        queued: match plan.queued {
            0 => String::new(),
            queued => {
                format!("{} dans une file, faute d'agent disponible", format::plural(u64::from(queued), "ira", "iront"))
            }
        },
        more: more.join(" "),
        digest: plan.plan,
        lines: plan.moved.into_iter().map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said() {
        let request = |agent: &str, unit: &str, to: &str, reason: &str| MoveWorkRequest {
            agent: agent.into(),
            unit: unit.into(),
            to_unit: to.into(),
            reason: reason.into(),
            ..MoveWorkRequest::default()
        };
        assert_eq!(wrong(&request("a", "", "", "Départ")), None);
        assert_eq!(wrong(&request("", "u", "v", "Fusion")), None);
        for bad in [
            request("", "", "", "Départ"),
            request("a", "u", "", "Départ"),
            request("a", "", "v", "Départ"),
            request("", "u", "", "Fusion"),
            request("a", "", "", "x"),
        ] {
            assert!(wrong(&bad).is_some(), "{bad:?}");
        }
    }
}
