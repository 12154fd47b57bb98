//! Writes down what happened, many events in one transaction.

use std::collections::BTreeSet;

use parvis_bus::Event;
use parvis_kernel::{EventId, RequestId, Result, TenantId};
use parvis_proto::{events, from_proto_time, intake::InstantAnswerGiven};
use parvis_runtime::Tenants;
use parvis_store::{Tx, to_db_time};

use crate::{
    domain::{Happening, day},
    repo::{facts, instant_answer, line},
};

/// Appends the lines and changes the facts; returns the requests that have new lines.
pub async fn record_events(tx: &mut Tx, tenants: &Tenants, events: &[Event]) -> Result<Vec<RequestId>> {
    let (answers, others): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|event| event.kind == events::INSTANT_ANSWER_GIVEN);
    let answers = answers.into_iter().map(|event| answer(event, tenants)).collect::<Result<Vec<_>>>()?;
    instant_answer::insert(tx.conn(), answers).await?;

    let happenings = others
        .into_iter()
        .map(|event| Ok((event.tenant.clone(), Happening::read(&event.kind, event.at, &event.payload)?)))
        .collect::<Result<Vec<_>>>()?;
    if happenings.is_empty() {
        return Ok(Vec::new());
    }
    let keys: BTreeSet<(TenantId, RequestId)> =
        happenings.iter().map(|(tenant, happening)| (tenant.clone(), happening.request)).collect();
    let mut known = facts::lock(tx.conn(), &keys).await?;
    let mut lines = Vec::with_capacity(happenings.len());
    for (tenant, happening) in happenings {
        let Some(facts) = known.get_mut(&(tenant, happening.request)) else { continue };
        let Some(said) = happening.apply(facts) else { continue };
        facts.lines += 1;
        lines.push(line::Model {
            tenant: facts.tenant.to_string(),
            request_id: facts.id.0,
            position: facts.lines,
            at: to_db_time(said.at),
            role: said.role.to_owned(),
            kind: said.kind,
            label: said.label,
            public_label: said.public_label,
            actor_name: said.actor_name,
        });
    }
    let mut touched: Vec<RequestId> = lines.iter().map(|line| RequestId(line.request_id)).collect();
    touched.dedup();
    line::append(tx.conn(), lines).await?;
    let mut changed: Vec<_> = known
        .into_values()
        .map(|facts| {
            let zone = tenants.zone_of(&facts.tenant);
            (facts, zone)
        })
        .collect();
    changed.sort_by(|(a, _), (b, _)| (&a.tenant, a.id).cmp(&(&b.tenant, b.id)));
    facts::save(tx.conn(), &changed).await?;
    Ok(touched)
}

fn answer(event: &Event, tenants: &Tenants) -> Result<instant_answer::Model> {
    let given: InstantAnswerGiven = event.decode()?;
    let at = from_proto_time(given.at.as_ref(), "at")?.unwrap_or(event.at);
    let id: EventId = given.id.parse()?;
    Ok(instant_answer::Model {
        tenant: event.tenant.to_string(),
        id: id.0,
        day: day::day_of(at, &tenants.zone_of(&event.tenant)),
        unit: given.unit,
        channel: given.channel,
        theme: given.theme,
    })
}
