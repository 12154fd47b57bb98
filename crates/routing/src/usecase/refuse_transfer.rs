//! A proposed transfer is not the right one: the case stays.

use std::collections::BTreeSet;

use parvis_kernel::{
    Caller, CaseId, Error, FieldViolation, Refusal, Result, Role, Timestamp, reason::Thing, typed::tidy::many_lines,
};
use parvis_proto::{events::TRANSFER_REFUSED, routing::TransferRefused, to_proto_time};
use parvis_store::NewEvent;
use prost::Message as _;

use super::access;
use crate::{
    repo::{
        case, directory,
        transfer::{self, Transfer},
    },
    router::Router,
};

/// A reason is at most this long, in characters.
const MAX_REASON: usize = 500;

/// A proposal to refuse.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct RefuseTransfer {
    pub case_id: String,
    pub reason: String,
}

/// Refuses, and says so: casework lets nobody confirm it any more. Whoever handles the case or works in its unit. To
/// confirm one is to close the case as transferred: the closing settles it.
///
/// # Errors
/// "Failed precondition" where nothing is proposed any more.
pub async fn refuse_transfer(router: &Router, caller: &Caller, command: &RefuseTransfer) -> Result<Transfer> {
    caller.require(&[Role::CaseWorker, Role::Supervisor])?;
    let id = command.case_id.parse::<CaseId>().map_err(|error| error.about("case_id"))?;
    let reason = many_lines(&command.reason);
    let reason = reason.trim();
    if reason.chars().count() > MAX_REASON {
        return Err(FieldViolation::too_long("reason", MAX_REASON).into());
    }
    let tenant = &caller.tenant;
    let mut tx = router.store.begin().await?;
    directory::lock(&tx, std::slice::from_ref(tenant)).await?;
    let known = case::find(tx.conn(), tenant, id).await?.ok_or_else(|| Error::no_such(Thing::Case, "no such case"))?;
    let mine = caller.agent().is_some() && known.live_agent() == caller.agent();
    let units: BTreeSet<_> = known.need.iter().map(|need| &need.unit).collect();
    if !mine && !units.iter().any(|unit| access::works_in(caller, unit)) {
        return Err(Error::no_such(Thing::Case, "no such case"));
    }
    let settled = transfer::resolve(&tx, tenant, &[id], "refused", &caller.actor_key(), reason).await?;
    if settled == 0 {
        return Err(
            Error::precondition("no transfer is proposed for this case any more").refused(Refusal::NoTransferProposed)
        );
    }
    let refused = transfer::find(tx.conn(), tenant, id).await?;
    let refused = refused.ok_or_else(|| Error::internal("a transfer that was settled is not kept"))?;
    tx.append(NewEvent {
        tenant: tenant.clone(),
        kind: TRANSFER_REFUSED,
        partition: id.partition(),
        subject: id.to_string(),
        payload: said(&refused, caller, tx.now()).encode_to_vec(),
        traceparent: String::new(),
    });
    tx.commit().await?;
    Ok(refused)
}

fn said(refused: &Transfer, caller: &Caller, at: Timestamp) -> TransferRefused {
    TransferRefused {
        case_id: refused.case_id.to_string(),
        at: Some(to_proto_time(at)),
        body: refused.proposal.body.clone(),
        name: refused.proposal.name.clone(),
        actor: refused.actor.clone(),
        actor_name: caller.name.clone(),
        reason: refused.reason.clone(),
    }
}
