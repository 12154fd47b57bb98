//! Counts a question answered on the spot: no case. Front-desk agents and case workers.

use jiff::{ToSpan as _, tz::TimeZone};
use parvis_kernel::{
    AgentId, Caller, Channel, Error, ErrorKind, FieldViolation, Reason, Refusal, RequestId, Result, Timestamp,
    ids::is_code,
    reason::{Expected, Thing},
    text::excerpt,
};
use parvis_proto::{
    events,
    intake::{InstantAnswerGiven, RecordInstantAnswerRequest, RecordInstantAnswerResponse},
    to_proto_time,
};
use parvis_store::NewEvent;
use prost::Message as _;

use super::{CLERKS, Intake};
use crate::{
    domain::{fingerprint, procedure::THEMES, validate},
    repo::{self, instant_answer::InstantAnswer},
};

impl Intake {
    /// Counts it once whatever the retries, and says how many this agent gave today. `site`: where the agent is.
    pub async fn record_instant_answer(
        &self,
        caller: &Caller,
        site: &str,
        message: &RecordInstantAnswerRequest,
    ) -> Result<RecordInstantAnswerResponse> {
        let agent = caller.require_agent(&CLERKS)?.clone();
        self.check(caller, message).await?;
        // An instant answer is no request, but its events are spread the same way.
        let id = RequestId::new();
        let answer = InstantAnswer {
            key_digest: fingerprint::of_key(&caller.actor_key(), &message.idempotency_key),
            body_digest: fingerprint::of_instant_answer(message),
            id: id.0,
            agent: agent.clone(),
            given_at: self.clock.now(),
        };
        let at = self.keep(caller, site, message, id, answer).await?;
        let (from, until) = self.today(caller)?;
        let today = repo::instant_answer::count(self.store.read(), &caller.tenant, &agent, from, until).await?;
        Ok(RecordInstantAnswerResponse { at: Some(to_proto_time(at)), today })
    }

    async fn check(&self, caller: &Caller, message: &RecordInstantAnswerRequest) -> Result<()> {
        const CHANNELS: [Channel; 3] = [Channel::Phone, Channel::Counter, Channel::Email];
        let mut found = validate::Violations::default();
        validate::idempotency_key(&message.idempotency_key, &mut found);
        if !CHANNELS.iter().any(|channel| channel.as_str() == message.channel) {
            found.push(FieldViolation::not_one_of("channel", &message.channel, &CHANNELS.map(Channel::as_str)));
        }
        if !THEMES.contains(&message.theme.as_str()) {
            found.push(FieldViolation::not_one_of("theme", &message.theme, &THEMES));
        }
        let code = message.procedure_code.as_str();
        if !code.is_empty() && self.procedures.of(&caller.tenant).await.get(code).is_none() {
            let why = format!("« {} » is not a procedure of this authority; leave it empty", excerpt(code, 40));
            found.add("procedure_code", Reason::Unknown { thing: Thing::Procedure }, why);
        }
        if !message.unit.is_empty() && !is_code(&message.unit) {
            let why = format!("« {} » is not a code: 2 to 40 of a-z, 0-9 and dash", excerpt(&message.unit, 40));
            found.add("unit", Expected::Code, why);
        }
        validate::note("note", &message.note, 500, &mut found);
        found.into_result()
    }

    /// Keeps it and says it; or finds the one that its key made. Gives when it was given.
    async fn keep(
        &self,
        caller: &Caller,
        site: &str,
        message: &RecordInstantAnswerRequest,
        id: RequestId,
        answer: InstantAnswer,
    ) -> Result<Timestamp> {
        let mut tx = self.store.begin().await?;
        if !repo::instant_answer::insert(tx.conn(), &caller.tenant, &answer).await? {
            let kept = repo::instant_answer::find(tx.conn(), &caller.tenant, answer.key_digest).await?;
            tx.rollback().await?;
            let kept = kept.ok_or_else(|| Error::unavailable("the same answer is being counted; try again"))?;
            if kept.body_digest != answer.body_digest {
                let why = "idempotency_key: already used for another answer; take a new key";
                return Err(Error::new(ErrorKind::AlreadyExists, why).refused(Refusal::KeyReused));
            }
            return Ok(kept.given_at);
        }
        tx.append(given(caller, &answer.agent, site, message, id, answer.given_at));
        tx.commit().await?;
        metrics::counter!("parvis_instant_answers_total").increment(1);
        Ok(answer.given_at)
    }

    /// The day where the authority is.
    fn today(&self, caller: &Caller) -> Result<(Timestamp, Timestamp)> {
        let zone = self.tenants.get(&caller.tenant).map_or(TimeZone::UTC, |tenant| tenant.zone());
        let start = self.clock.now().to_zoned(zone).start_of_day().map_err(Error::internal)?;
        let end = start.checked_add(1.day()).map_err(Error::internal)?;
        Ok((start.timestamp(), end.timestamp()))
    }
}

/// The note stays out: it is not needed to count.
fn given(
    caller: &Caller,
    agent: &AgentId,
    site: &str,
    message: &RecordInstantAnswerRequest,
    id: RequestId,
    at: Timestamp,
) -> NewEvent {
    let given = InstantAnswerGiven {
        id: id.to_string(),
        at: Some(to_proto_time(at)),
        channel: message.channel.clone(),
        theme: message.theme.clone(),
        procedure_code: message.procedure_code.clone(),
        unit: message.unit.clone(),
        agent: agent.to_string(),
        site: site.to_owned(),
    };
    NewEvent {
        tenant: caller.tenant.clone(),
        kind: events::INSTANT_ANSWER_GIVEN,
        partition: id.partition(),
        subject: id.to_string(),
        payload: given.encode_to_vec(),
        traceparent: String::new(),
    }
}
