//! Request → command → use case → response. No rules.

mod rules;

use std::collections::BTreeSet;

use parvis_kernel::{AgentId, Caller, Error, Result, UnitId};
use parvis_proto::{
    routing::{self as proto, routing_service_server::RoutingService},
    to_proto_time,
};
use parvis_runtime::internal_status;
use tonic::{Request, Response, Status};

use crate::{
    domain, grpc_work,
    router::Router,
    usecase::{self, AgentView, DecisionView, ExplainRouting, ReassignCase},
};

/// The service.
pub struct RoutingGrpc(pub Router);

type Answer<T> = Result<Response<T>, Status>;

fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    parvis_runtime::caller(request).map_err(internal_status)
}

fn answer<T>(result: Result<T>) -> Answer<T> {
    result.map(Response::new).map_err(internal_status)
}

/// A code that may be left out.
fn code<T>(field: &str, text: &str, parse: impl Fn(&str) -> Result<T>) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|error| error.about(field))
}

#[tonic::async_trait]
impl RoutingService for RoutingGrpc {
    async fn get_directory(&self, request: Request<proto::GetDirectoryRequest>) -> Answer<proto::Directory> {
        let caller = caller(&request)?;
        answer(self.directory(&caller).await)
    }

    async fn list_agents(&self, request: Request<proto::ListAgentsRequest>) -> Answer<proto::ListAgentsResponse> {
        let caller = caller(&request)?;
        answer(self.agents(&caller, &request.into_inner()).await)
    }

    async fn list_rules(&self, request: Request<proto::ListRulesRequest>) -> Answer<proto::ListRulesResponse> {
        let caller = caller(&request)?;
        answer(self.rules(&caller).await)
    }

    async fn set_presence(&self, request: Request<proto::SetPresenceRequest>) -> Answer<proto::Agent> {
        let caller = caller(&request)?;
        answer(self.presence(&caller, &request.into_inner()).await)
    }

    async fn reassign_case(&self, request: Request<proto::ReassignCaseRequest>) -> Answer<proto::Decision> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let command = ReassignCase {
            case_id: request.case_id,
            unit: request.unit,
            team: request.team,
            agent: request.agent,
            reason: request.reason,
            expected_decision: request.expected_decision,
        };
        answer(usecase::reassign_case(&self.0, &caller, &command).await.map(decision))
    }

    async fn list_decisions(
        &self,
        request: Request<proto::ListDecisionsRequest>,
    ) -> Answer<proto::ListDecisionsResponse> {
        let caller = caller(&request)?;
        let case = request.into_inner().case_id.parse();
        let case = case.map_err(|error: Error| internal_status(error.about("case_id")))?;
        let decisions = usecase::list_decisions(&self.0, &caller, case).await;
        answer(decisions.map(|all| proto::ListDecisionsResponse { decisions: all.into_iter().map(decision).collect() }))
    }

    async fn get_queues(&self, request: Request<proto::GetQueuesRequest>) -> Answer<proto::GetQueuesResponse> {
        let caller = caller(&request)?;
        let queue = |queue: usecase::Queue| proto::Queue {
            unit: queue.unit.to_string(),
            unit_name: queue.unit_name,
            waiting: queue.waiting,
            oldest: queue.oldest.map(to_proto_time),
        };
        let queues = usecase::get_queues(&self.0, &caller).await;
        answer(queues.map(|queues| proto::GetQueuesResponse { queues: queues.into_iter().map(queue).collect() }))
    }

    async fn explain_routing(&self, request: Request<proto::ExplainRoutingRequest>) -> Answer<proto::Decision> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let command = ExplainRouting {
            channel: request.channel,
            procedure_code: request.procedure_code,
            procedure_unit: request.procedure_unit,
            procedure_skill: request.procedure_skill,
            text: request.text,
            district: request.district,
            address: request.address,
            requester_kind: request.requester_kind,
            language: request.language,
            answers: request.answers.into_iter().map(|answer| (answer.field, answer.values)).collect(),
            point: request.point,
        };
        let explained = usecase::explain_routing(&self.0, &caller, &command).await;
        answer(explained.map(|view| proto::Decision { id: String::new(), case_id: String::new(), ..decision(view) }))
    }

    async fn list_offers(&self, request: Request<proto::ListOffersRequest>) -> Answer<proto::ListOffersResponse> {
        let caller = caller(&request)?;
        answer(grpc_work::offers(&self.0, &caller).await)
    }

    async fn answer_offer(&self, request: Request<proto::AnswerOfferRequest>) -> Answer<proto::AnswerOfferResponse> {
        let caller = caller(&request)?;
        answer(grpc_work::answer(&self.0, &caller, request.into_inner()).await)
    }

    async fn move_work(&self, request: Request<proto::MoveWorkRequest>) -> Answer<proto::MoveWorkResponse> {
        let caller = caller(&request)?;
        answer(grpc_work::move_work(&self.0, &caller, request.into_inner()).await)
    }

    async fn list_rule_sets(
        &self,
        request: Request<proto::ListRuleSetsRequest>,
    ) -> Answer<proto::ListRuleSetsResponse> {
        let caller = caller(&request)?;
        answer(rules::list(&self.0, &caller).await)
    }

    async fn get_rule_set(&self, request: Request<proto::GetRuleSetRequest>) -> Answer<proto::RuleSet> {
        let caller = caller(&request)?;
        answer(rules::get(&self.0, &caller, request.into_inner().version).await)
    }

    async fn get_rule_draft(&self, request: Request<proto::GetRuleDraftRequest>) -> Answer<proto::RuleDraft> {
        let caller = caller(&request)?;
        answer(rules::draft(&self.0, &caller).await)
    }

    async fn save_rule_draft(&self, request: Request<proto::SaveRuleDraftRequest>) -> Answer<proto::RuleDraft> {
        let caller = caller(&request)?;
        answer(rules::save(&self.0, &caller, request.into_inner()).await)
    }

    async fn discard_rule_draft(&self, request: Request<proto::DiscardRuleDraftRequest>) -> Answer<proto::RuleDraft> {
        let caller = caller(&request)?;
        answer(rules::discard(&self.0, &caller).await)
    }

    async fn simulate_rules(&self, request: Request<proto::SimulateRulesRequest>) -> Answer<proto::Simulation> {
        let caller = caller(&request)?;
        answer(rules::try_out(&self.0, &caller, request.into_inner()).await)
    }

    async fn publish_rules(&self, request: Request<proto::PublishRulesRequest>) -> Answer<proto::RuleSet> {
        let caller = caller(&request)?;
        answer(rules::publish(&self.0, &caller, request.into_inner()).await)
    }

    async fn list_rule_faults(
        &self,
        request: Request<proto::ListRuleFaultsRequest>,
    ) -> Answer<proto::ListRuleFaultsResponse> {
        let caller = caller(&request)?;
        answer(rules::faults(&self.0, &caller).await)
    }

    async fn list_classifier_models(
        &self,
        request: Request<proto::ListClassifierModelsRequest>,
    ) -> Answer<proto::ListClassifierModelsResponse> {
        let caller = caller(&request)?;
        answer(rules::classifiers(&self.0, &caller).await)
    }

    async fn refuse_transfer(&self, request: Request<proto::RefuseTransferRequest>) -> Answer<proto::Transfer> {
        let caller = caller(&request)?;
        answer(rules::refuse_transfer(&self.0, &caller, request.into_inner()).await)
    }
}

impl RoutingGrpc {
    async fn directory(&self, caller: &Caller) -> Result<proto::Directory> {
        usecase::signed_in(caller)?;
        let snapshot = self.0.snapshots.current(&self.0.store, &caller.tenant).await?;
        let directory = &snapshot.directory;
        let text = |code: Option<&str>| code.unwrap_or_default().to_owned();
        let units = directory.units.iter().map(|unit| proto::Unit {
            code: unit.code.to_string(),
            name: unit.name.clone(),
            parent: text(unit.parent.as_ref().map(AsRef::as_ref)),
            email: unit.email.clone(),
            phone: unit.phone.clone(),
            postal_address: unit.address.clone(),
            site: text(unit.site.as_ref().map(AsRef::as_ref)),
            calendar: text(unit.calendar.as_deref()),
        });
        let teams = directory.teams.iter().map(|team| proto::Team {
            code: team.code.to_string(),
            name: team.name.clone(),
            unit: team.unit.to_string(),
        });
        let sites = directory.sites.iter().map(|site| proto::Site {
            code: site.code.to_string(),
            name: site.name.clone(),
            postal_address: site.address.clone(),
            phone: site.phone.clone(),
        });
        let calendars = directory.calendars.iter();
        let calendars = calendars.map(|one| proto::Calendar { code: one.code.clone(), name: one.name.clone() });
        let skills: BTreeSet<&String> = directory.agents.iter().flat_map(|agent| agent.skills.keys()).collect();
        let languages: BTreeSet<&String> = directory.agents.iter().flat_map(|agent| &agent.languages).collect();
        let districts = directory.districts.iter();
        let districts = districts.map(|one| proto::District { code: one.code.clone(), name: one.name.clone() });
        Ok(proto::Directory {
            units: units.collect(),
            teams: teams.collect(),
            sites: sites.collect(),
            districts: districts.collect(),
            default_unit: directory.default_unit.to_string(),
            calendars: calendars.collect(),
            skills: skills.into_iter().cloned().collect(),
            languages: languages.into_iter().cloned().collect(),
        })
    }

    async fn agents(&self, caller: &Caller, request: &proto::ListAgentsRequest) -> Result<proto::ListAgentsResponse> {
        let unit = code("unit", &request.unit, UnitId::parse)?;
        let agents = usecase::list_agents(&self.0, caller, unit.as_ref()).await?;
        Ok(proto::ListAgentsResponse { agents: agents.into_iter().map(agent).collect() })
    }

    async fn rules(&self, caller: &Caller) -> Result<proto::ListRulesResponse> {
        usecase::supervises(caller)?;
        let snapshot = self.0.snapshots.current(&self.0.store, &caller.tenant).await?;
        let rules = snapshot.rules().rules.iter().map(|rule| proto::Rule {
            code: rule.code.clone(),
            name: rule.name.clone(),
            conditions: domain::rules::conditions(rule, &snapshot.directory),
            unit: rule.then.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
            team: rule.then.team.as_ref().map(ToString::to_string).unwrap_or_default(),
            skill: rule.then.skill.clone().unwrap_or_default(),
            level: rule.then.level.map_or(0, u32::from),
            language: rule.then.language.clone().unwrap_or_default(),
            priority: rule.then.priority.map(|priority| priority.as_str().to_owned()).unwrap_or_default(),
        });
        Ok(proto::ListRulesResponse { rules: rules.collect() })
    }

    async fn presence(&self, caller: &Caller, request: &proto::SetPresenceRequest) -> Result<proto::Agent> {
        let whose = code("agent", &request.agent, AgentId::parse)?;
        usecase::set_presence(&self.0, caller, whose.as_ref(), &request.presence).await.map(agent)
    }
}

fn agent(view: AgentView) -> proto::Agent {
    let AgentView { agent, load, weight, away, working_now, may_receive } = view;
    let skills = agent.skills.into_iter().map(|(code, level)| proto::Skill { code, level: u32::from(level) });
    proto::Agent {
        code: agent.code.to_string(),
        first_name: agent.first_name,
        last_name: agent.last_name,
        job_title: agent.job_title,
        units: agent.units.iter().map(ToString::to_string).collect(),
        teams: agent.teams.iter().map(ToString::to_string).collect(),
        skills: skills.collect(),
        languages: agent.languages,
        site: agent.site.map(|site| site.to_string()).unwrap_or_default(),
        calendar: agent.calendar.unwrap_or_default(),
        capacity: agent.capacity,
        load,
        presence: if away { "away" } else { "present" }.to_owned(),
        working_now,
        email: agent.email,
        may_receive,
        weight,
        deputies: agent.deputies.iter().map(ToString::to_string).collect(),
    }
}

fn transfer(proposal: domain::Proposal, state: String) -> proto::Transfer {
    let domain::Proposal { body, name, contact, by, email, postal_address } = proposal;
    proto::Transfer { body, name, contact, proposed_by: by, state, email, postal_address }
}

fn decision(view: DecisionView) -> proto::Decision {
    let DecisionView { decided, unit_name, steps, sentence, transfer_state, guessed_names } = view;
    let placed = decided.trace.placed;
    let guess = |(guess, unit_name): (domain::Guess, String)| proto::Guess {
        unit: guess.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        unit_name,
        competence: guess.competence,
        percent: u32::from(guess.percent),
        words: guess.words,
    };
    let transfer = placed.transfer.map(|proposal| transfer(proposal, transfer_state));
    let step = |step: domain::Step| proto::Step {
        kind: step.kind.to_owned(),
        subject: step.subject,
        label: step.label,
        kept: step.kept,
        why: step.why,
    };
    proto::Decision {
        id: decided.id.to_string(),
        case_id: decided.case_id.to_string(),
        at: Some(to_proto_time(decided.at)),
        cause: decided.cause.as_str().to_owned(),
        unit: decided.unit.to_string(),
        unit_name,
        team: decided.team.map(|team| team.to_string()).unwrap_or_default(),
        agent: decided.agent.map(|agent| agent.to_string()).unwrap_or_default(),
        agent_name: decided.agent_name,
        priority: decided.priority.as_str().to_owned(),
        summary: decided.summary,
        steps: steps.into_iter().map(step).collect(),
        actor: decided.actor,
        reason: decided.reason,
        rule: decided.rule,
        rule_set: decided.rule_set,
        sentence,
        flags: placed.flags,
        guesses: placed.guesses.into_iter().zip(guessed_names).map(guess).collect(),
        model: placed.model,
        transfer,
    }
}
