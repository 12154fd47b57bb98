//! The callers, and the two cases that they look at.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, Result, bail};
use parvis_kernel::{
    Actor, AgentId, Caller, RequestId, Role, TenantId, UnitId,
    policy::{self, Answer, CaseFacts, Verb},
};
use parvis_tests::{Api, Receipt, api::is_routed_and_acknowledged};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

/// What only a text holds, with the unit behind it.
const WORDS: &str = "Parole-Que-Nul-Ne-Lit";

/// A case looked at.
pub struct Looked {
    /// Its receipt.
    pub receipt: Receipt,
    /// The id of its file.
    pub file: String,
    /// The unit in charge.
    pub unit: &'static str,
    /// Whether that unit is sensitive.
    pub sensitive: bool,
    /// Who handles it; empty: it waits.
    pub handler: String,
}

/// Somebody who calls.
pub struct Member {
    /// In the matrix.
    pub name: &'static str,
    /// Who they are to the policy.
    pub caller: Caller,
    /// Their token; `None`: they have none.
    pub token: Option<String>,
}

/// Everybody and everything.
pub struct Cast {
    /// The callers.
    pub members: Vec<Member>,
    /// The cases: one of a unit that is not sensitive, one of a unit that is.
    pub cases: Vec<Looked>,
}

/// Name in the matrix, login, roles, units.
const AGENTS: [(&str, &str, &[Role], &[&str]); 7] = [
    ("road worker", "estelle-morvan", &[Role::CaseWorker], &["voirie"]),
    ("road supervisor", "responsable", &[Role::Supervisor], &["services-techniques", "voirie"]),
    ("social worker", "veronique-allard", &[Role::CaseWorker], &["action-sociale"]),
    ("registry worker", "claire-delmas", &[Role::CaseWorker], &["etat-civil"]),
    ("front desk", "accueil", &[Role::FrontDesk], &["accueil"]),
    ("elected official", "elu", &[Role::ElectedOfficial], &["cabinet"]),
    ("administrator", "admin", &[Role::Administrator], &["ressources"]),
];

impl Cast {
    /// Signs everybody in, and files the two cases.
    pub async fn assemble(api: &Api) -> Result<Self> {
        let tenant = TenantId::parse("clairval")?;
        let mut members = Vec::new();
        for (name, login, roles, units) in AGENTS {
            let caller = Caller {
                actor: Actor::Agent(AgentId::parse(login)?),
                roles: roles.iter().copied().collect(),
                units: units.iter().map(|unit| UnitId::parse(unit)).collect::<Result<BTreeSet<_>, _>>()?,
                ..Caller::anonymous(tenant.clone())
            };
            members.push(Member { name, caller, token: Some(api.sign_in(login).await?) });
        }
        members.push(Member { name: "anybody", caller: Caller::anonymous(tenant), token: None });
        let cases = vec![
            Self::file(api, "lampadaire-panne", "voirie", false).await?,
            Self::file(api, "aide-sociale", "action-sociale", true).await?,
        ];
        Ok(Self { members, cases })
    }

    async fn file(api: &Api, key: &str, unit: &'static str, sensitive: bool) -> Result<Looked> {
        let about = if sensitive {
            "Je demande une aide du CCAS, une aide sociale"
        } else {
            "Le lampadaire est en panne, il y a un trou dans la chaussée"
        };
        let file = Self::upload(api).await?;
        let body = json!({
            "attachments": [{ "id": file }],
            "text": format!("{WORDS}-{unit}. {about}."),
            "requester": {
                "kind": "person", "first_name": "Camille", "last_name": "Roux",
                "email": "camille.roux@example.org", "contact_mode": "email",
            },
        });
        let receipt = api.submit_until_accepted(&body, &format!("murs-{key}"), None, PATIENCE).await?;
        api.follow(&receipt, PATIENCE, is_routed_and_acknowledged).await?;
        let front_desk = api.sign_in("accueil").await?;
        let path = format!("/api/v1/cases/{}", receipt.reference);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            let (_, seen) = api.get(&path, &front_desk).await?;
            let case = &seen["case"];
            // What is sensitive is known once routing has said so.
            let described = sensitive || seen["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty());
            if case["unit"] == unit && described {
                let handler = case["agent"].as_str().context("a case without an agent field")?.to_owned();
                return Ok(Looked { receipt, file, unit, sensitive, handler });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{} did not come to {unit}", receipt.reference)
    }

    async fn upload(api: &Api) -> Result<String> {
        let sent = api.http().post(api.url("/api/v1/attachments")).header("X-File-Name", "note.txt").body(WORDS);
        let file: serde_json::Value = sent.header("Content-Type", "text/plain").send().await?.json().await?;
        Ok(file["id"].as_str().context("a file without an id")?.to_owned())
    }

    /// The names, in the order of the matrix.
    pub fn names(&self) -> Vec<&'static str> {
        self.members.iter().map(|member| member.name).collect()
    }
}

impl Looked {
    /// Whether an answer holds words of its text.
    pub fn is_told_in(&self, body: &str) -> bool {
        body.contains(&format!("{WORDS}-{}", self.unit))
    }

    /// What the policy says.
    pub fn may(&self, caller: &Caller, verb: Verb) -> Result<Answer> {
        let request: RequestId = self.receipt.request_id.parse()?;
        let facts = CaseFacts {
            tenant: &caller.tenant,
            request,
            open: true,
            unit: self.unit,
            sensitive: self.sensitive,
            handler: &self.handler,
            filed_by: "",
            had: &[],
        };
        Ok(policy::may(caller, &facts, verb, None))
    }
}
