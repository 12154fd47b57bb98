//! `request_received` → its tracking code; `notice_requested` and `case_escalated` → notices, many in one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_proto::{
    casework::NoticeRequested,
    events::{CASE_ESCALATED, UNITS_DESCRIBED},
    intake::RequestReceived,
    routing::CaseEscalated,
};
use parvis_runtime::Tenants;
use parvis_store::Tx;
use tokio::sync::Notify;

use crate::{
    domain::Town,
    repo,
    usecase::{self, Request},
};

/// Keeps the tracking codes that intake makes: the notices carry them to the people.
pub struct CodeConsumer;

#[async_trait]
impl EventHandler for CodeConsumer {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let mut codes = Vec::with_capacity(events.len());
        for event in events {
            let received: RequestReceived = event.decode()?;
            let request = received.request.unwrap_or_default();
            codes.push((event.tenant.clone(), request.request_id.parse()?, received.tracking_code));
        }
        repo::code::keep(tx.conn(), codes).await
    }
}

/// Writes the notices that casework asks for, and tells supervisors what routing says is for them.
pub struct NoticeConsumer {
    tenants: Tenants,
    public_url: String,
    wake: Arc<Notify>,
    unverified_per_hour: usize,
}

impl NoticeConsumer {
    /// `public_url`: what links begin with. `wake` is told when e-mails wait.
    pub fn new(tenants: Tenants, public_url: &str, wake: Arc<Notify>) -> Self {
        Self { tenants, public_url: public_url.trim_end_matches('/').to_owned(), wake, unverified_per_hour: 6 }
    }

    /// Writes to an address that nobody verified `per_hour` times an hour at most, instead of six.
    #[must_use]
    pub fn at_most(self, per_hour: usize) -> Self {
        Self { unverified_per_hour: per_hour, ..self }
    }

    fn town(&self, event: &Event) -> Town {
        let Some(tenant) = self.tenants.get(&event.tenant) else {
            return Town::named(event.tenant.as_str(), &self.public_url);
        };
        Town {
            name: tenant.name.clone(),
            email: tenant.email.clone(),
            phone: tenant.phone.clone(),
            address: tenant.address.clone(),
            zone: tenant.zone(),
            public_url: self.public_url.clone(),
        }
    }
}

#[async_trait]
impl EventHandler for NoticeConsumer {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        parvis_runtime::units::keep_described(tx, events).await?;
        let mut requests = Vec::with_capacity(events.len());
        for event in events.iter().filter(|event| event.kind != UNITS_DESCRIBED) {
            if event.kind == CASE_ESCALATED {
                let step: CaseEscalated = event.decode()?;
                requests.extend(usecase::tell_supervisors(event, &step, &self.town(event))?);
                continue;
            }
            let message: NoticeRequested = event.decode()?;
            requests.push(Request::read(event, &message, &self.town(event))?);
        }
        if usecase::queue_notices(tx, requests, self.unverified_per_hour).await? {
            let wake = self.wake.clone();
            tx.after_commit(move || wake.notify_one());
        }
        Ok(())
    }
}
