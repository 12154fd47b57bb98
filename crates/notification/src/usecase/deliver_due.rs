//! Sends the e-mails that are due.

use backon::{ExponentialBuilder, Retryable as _};
use futures::StreamExt as _;
use jiff::SignedDuration;
use parvis_kernel::{Error, EventId, NoticeId, Result, TenantId, Timestamp};
use parvis_runtime::Tenants;
use parvis_store::{Store, Tx, from_db_time, to_db_time};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    NotificationConfig,
    domain::{State, code, schedule},
    mail::{Envelope, Outcome, Outlet, PARALLEL, Sender},
    repo::{self, attempt, notice},
    usecase::outcome::outcome_event,
};

/// How long a notice waits for its tracking code, and how often it is looked for.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);
const AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// Outcomes recorded together at most.
const RECORD: usize = 512;

/// Carries e-mails, and empties them of what they said in the end. Any number of processes may run one.
pub struct Courier {
    pub(super) store: Store,
    tenants: Tenants,
    pub(super) outlet: Outlet,
    sender: Sender,
    attempts: u8,
    pub(super) body_life: SignedDuration,
}

struct Tried {
    row: notice::Model,
    outcome: Outcome,
}

impl Courier {
    /// As configured.
    ///
    /// # Errors
    /// "Invalid" naming the setting that is wrong.
    pub fn new(store: Store, tenants: Tenants, config: &NotificationConfig) -> Result<Self> {
        config.check()?;
        let sender = Sender::parse(&config.from)?;
        let (attempts, body_life) = (config.attempts, config.body_life());
        Ok(Self { store, tenants, outlet: Outlet::new(config)?, sender, attempts, body_life })
    }

    /// Sends what is due until nothing is, or `shutdown`; what was claimed is finished. Returns how many were tried.
    pub async fn deliver_due(&self, shutdown: &CancellationToken) -> Result<usize> {
        let mut tried = 0;
        while !shutdown.is_cancelled() {
            let claim = EventId::new().0;
            let rows = self.claim(claim).await?;
            if rows.is_empty() {
                break;
            }
            tried += rows.len();
            let mut outcomes =
                futures::stream::iter(rows).map(|row| self.send(row)).buffer_unordered(PARALLEL).ready_chunks(RECORD);
            while let Some(outcomes) = outcomes.next().await {
                self.record_surely(claim, &outcomes).await?;
            }
        }
        Ok(tried)
    }

    /// Marks what is due as being sent, so that a crash from here on is known for what it is.
    async fn claim(&self, claim: Uuid) -> Result<Vec<notice::Model>> {
        let tx = self.store.begin().await?;
        let now = tx.now();
        let claimed = notice::claim_due(tx.conn(), claim, self.outlet.lease(), self.outlet.batch(), now).await?;
        let interrupted = claimed.iter().filter(|(_, interrupted)| *interrupted).map(|(row, _)| attempt::Model {
            tenant: row.tenant.clone(),
            notice_id: row.id,
            number: row.tries - 1,
            at: to_db_time(now),
            succeeded: false,
            detail: "interrupted: whether the server accepted it is not known; sent again under the same Message-ID"
                .to_owned(),
        });
        attempt::insert(tx.conn(), interrupted.collect()).await?;
        let rows = claimed.into_iter().map(|(row, _)| row).collect();
        let rows = with_codes(&tx, claim, rows).await?;
        tx.commit().await?;
        Ok(rows)
    }

    async fn send(&self, row: notice::Model) -> Tried {
        if code::is_marked(&row.body) {
            return Tried { row, outcome: Outcome::Refused("its tracking code never came".to_owned()) };
        }
        let from_name = TenantId::parse(&row.tenant)
            .ok()
            .and_then(|tenant| self.tenants.get(&tenant).map(|tenant| tenant.name.clone()))
            .unwrap_or_default();
        let envelope = Envelope {
            id: NoticeId(row.id),
            from_name,
            to_name: row.recipient_name.clone(),
            to: row.recipient_address.clone(),
            reply_to: row.reply_to.clone(),
            subject: row.subject.clone(),
            body: row.body.clone(),
            at: from_db_time(row.created_at),
        };
        let outcome = match self.sender.message(&envelope) {
            Ok(message) => self.outlet.send(envelope.id, message).await,
            Err(error) => Outcome::Refused(error.message().to_owned()),
        };
        Tried { row, outcome }
    }

    /// Records, and insists while the database is away: what is not recorded will be sent again.
    async fn record_surely(&self, claim: Uuid, tried: &[Tried]) -> Result<()> {
        (|| self.record(claim, tried))
            .retry(ExponentialBuilder::default().with_max_times(8))
            .when(Error::is_transient)
            .await
    }

    async fn record(&self, claim: Uuid, tried: &[Tried]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let now = tx.now();
        let (mut sent, mut failed) = (Vec::new(), Vec::new());
        let mut later: Vec<(Uuid, Timestamp)> = Vec::new();
        for Tried { row, outcome } in tried {
            match outcome {
                Outcome::Sent(_) => sent.push(row.id),
                Outcome::Refused(_) => failed.push(row.id),
                Outcome::Later(_) => match schedule::next_try(NoticeId(row.id), row.tries, self.attempts, now) {
                    Some(at) => later.push((row.id, at)),
                    None => failed.push(row.id),
                },
            }
        }
        let mut ours = notice::settle(tx.conn(), claim, &sent, State::Sent, Some(now), None).await?;
        ours.extend(notice::settle(tx.conn(), claim, &failed, State::Failed, Some(now), None).await?);
        for (id, at) in later {
            ours.extend(notice::settle(tx.conn(), claim, &[id], State::Pending, None, Some(at)).await?);
        }
        let mut attempts = Vec::with_capacity(tried.len());
        // One whose lease ended meanwhile is another's to record.
        for Tried { row, outcome } in tried.iter().filter(|tried| ours.contains(&tried.row.id)) {
            let (succeeded, detail) = match outcome {
                Outcome::Sent(detail) => (true, detail),
                Outcome::Later(detail) | Outcome::Refused(detail) => (false, detail),
            };
            attempts.push(attempt::Model {
                tenant: row.tenant.clone(),
                notice_id: row.id,
                number: row.tries,
                at: to_db_time(now),
                succeeded,
                detail: detail.clone(),
            });
            let result = if succeeded { "sent" } else { "not_sent" };
            metrics::counter!("parvis_notice_attempts_total", "result" => result).increment(1);
            if succeeded || failed.contains(&row.id) {
                let state = if succeeded { State::Sent } else { State::Failed };
                tx.append(outcome_event(row, state, detail, now)?);
            }
        }
        attempt::insert(tx.conn(), attempts).await?;
        tx.commit().await
    }
}

/// Those whose text is whole, the tracking code put in. Where intake's word of it has not come yet, the notice waits; for
/// an hour, as what never comes must be seen to fail.
async fn with_codes(tx: &Tx, claim: Uuid, mut rows: Vec<notice::Model>) -> Result<Vec<notice::Model>> {
    let marked: Vec<_> = rows.iter().filter(|row| code::is_marked(&row.body)).map(|row| row.case_id).collect();
    if marked.is_empty() {
        return Ok(rows);
    }
    let (codes, now) = (repo::code::of(tx.conn(), None, &marked).await?, tx.now());
    let mut early = Vec::new();
    for row in rows.iter_mut().filter(|row| code::is_marked(&row.body)) {
        match codes.get(&row.case_id) {
            Some(code) => row.body = code::put(&row.body, code),
            None if now < from_db_time(row.created_at) + PATIENCE => early.push(row.id),
            None => {}
        }
    }
    notice::give_back(tx.conn(), claim, &early, now + AGAIN).await?;
    rows.retain(|row| !early.contains(&row.id));
    Ok(rows)
}
