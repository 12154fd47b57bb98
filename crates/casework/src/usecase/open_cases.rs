//! Requests were received: a case for each.

use std::collections::{BTreeMap, HashSet};

use parvis_bus::Event;
use parvis_kernel::{CaseId, Error, Result, TenantId};
use parvis_proto::{intake::RequestReceived, routing::CaseAssigned};
use parvis_store::Tx;

use super::{Casework, journal::Journal};
use crate::{
    domain::{Case, CaseRequest, Line, requester},
    repo,
};

struct Opening<'a> {
    event: &'a Event,
    case: Case,
    request: CaseRequest,
    line: Line,
}

impl Casework {
    /// Opens a case for each request, in as many statements for one as for three hundred. A request whose case is
    /// there already is left.
    pub async fn open_cases(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let mut by_tenant: BTreeMap<&TenantId, Vec<Opening<'_>>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for event in events {
            let town = self.towns.get(&event.tenant)?;
            let request = requester::require(event.decode::<RequestReceived>()?, &event.tenant)?;
            let (case, line) = Case::open(&event.tenant, &request, tx.now(), &town.calendar).map_err(malformed)?;
            if seen.insert(case.id) {
                by_tenant.entry(&event.tenant).or_default().push(Opening { event, case, request, line });
            }
        }
        for (tenant, openings) in by_tenant {
            self.open_of(tx, tenant, openings).await?;
        }
        Ok(())
    }

    async fn open_of(&self, tx: &mut Tx, tenant: &TenantId, mut openings: Vec<Opening<'_>>) -> Result<()> {
        let cases: Vec<Case> = openings.iter().map(|opening| opening.case.clone()).collect();
        let new: HashSet<CaseId> = repo::case::insert(tx, &cases).await?.into_iter().collect();
        openings.retain(|opening| new.contains(&opening.case.id));
        if openings.is_empty() {
            return Ok(());
        }
        repo::request::insert(tx, tenant, openings.iter().map(|opening| (opening.case.id, &opening.request))).await?;
        let words = openings.iter().map(|opening| (tenant, opening.case.id, opening.request.words()));
        repo::word::add(tx.conn(), words).await?;
        let mut journal = Journal::new(tenant.clone());
        for Opening { event, case, request, line } in openings {
            journal.caused_by(&event.traceparent);
            journal.opened(&case, &request, line);
        }
        journal.write(tx).await?;
        metrics::counter!("parvis_casework_opened_total").increment(new.len() as u64);
        let ids: Vec<CaseId> = new.into_iter().collect();
        let waiting: Vec<CaseAssigned> = repo::pending::take(tx, tenant, &ids).await?;
        self.show(tx, tenant, waiting.into_iter().map(|decision| (decision, String::new())).collect()).await
    }
}

/// What intake accepted must open: a request that cannot is ours to mend, in the dead letters.
fn malformed(error: Error) -> Error {
    Error::internal(format!("this request cannot open a case: {}", error.message()))
}
