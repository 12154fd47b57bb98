//! Writing to the log: what several roles publish at the same moment is one commit.

use parvis_kernel::Result;
use parvis_store::{OutboxRow, rows, to_db_time};
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};
use tokio::sync::oneshot::{self, error::TryRecvError};

use super::{EmbeddedBus, RING, Tail, entity::message, lock};
use crate::Event;

/// Events one publisher adds at once, at most.
pub(super) const MOST: usize = 1000;

/// What a publisher waits to see written.
pub(super) struct Pending {
    role: String,
    rows: Vec<OutboxRow>,
    written: oneshot::Sender<std::result::Result<(), String>>,
}

impl EmbeddedBus {
    /// Adds `rows` to the log of `role`. Whoever comes to write writes what everybody waits for, so under load one
    /// synchronisation of the file serves many. An error is why nothing of it is sure to be kept.
    pub(super) async fn append(&self, role: &str, rows: &[OutboxRow]) -> std::result::Result<(), String> {
        let (written, mut answer) = oneshot::channel();
        lock(&self.pending).push(Pending { role: role.to_owned(), rows: rows.to_vec(), written });
        // Held while writing: events become readable in the order of their numbers.
        let mut next = self.next.lock().await;
        match answer.try_recv() {
            Ok(outcome) => return outcome,
            Err(TryRecvError::Closed) => return Err("whoever was writing was stopped".to_owned()),
            Err(TryRecvError::Empty) => {}
        }
        let ours = std::mem::take(&mut *lock(&self.pending));
        let outcome = self.write(&mut next, &ours).await.map_err(|error| error.to_string());
        for pending in ours {
            let _ = pending.written.send(outcome.clone());
        }
        outcome
    }

    async fn write(&self, next: &mut i64, together: &[Pending]) -> Result<()> {
        let rows: Vec<(&str, &OutboxRow)> =
            together.iter().flat_map(|pending| pending.rows.iter().map(|row| (pending.role.as_str(), row))).collect();
        let first = *next;
        let tx = self.store.begin().await?;
        let numbered = rows.iter().zip(first..).map(|((role, row), seq)| model(role, row, seq));
        let known = OnConflict::column(message::Column::EventId).do_nothing().to_owned();
        let mut kept = rows::insert(numbered).over(known).keys(tx.conn()).await?;
        tx.commit().await?;
        *next = first + i64::try_from(rows.len()).unwrap_or(0);
        kept.sort_unstable();
        let mut tails = lock(&self.tails);
        for ((role, row), seq) in rows.into_iter().zip(first..) {
            if kept.binary_search(&seq).is_err() {
                continue;
            }
            let tail = tails.entry((role.to_owned(), row.partition)).or_insert_with(|| Tail::starting(first - 1));
            tail.events.push_back((seq, Event::from(row)));
            if tail.events.len() > RING
                && let Some((seq, _)) = tail.events.pop_front()
            {
                tail.from = seq;
            }
            tail.last.send_replace(seq);
        }
        Ok(())
    }
}

fn model(role: &str, row: &OutboxRow, seq: i64) -> message::ActiveModel {
    message::ActiveModel {
        seq: Set(seq),
        source: Set(role.to_owned()),
        partition: Set(i16::from(row.partition)),
        event_id: Set(row.id.0),
        tenant: Set(row.tenant.to_string()),
        kind: Set(row.kind.clone()),
        subject: Set(row.subject.clone()),
        traceparent: Set(row.traceparent.clone()),
        said_at: Set(to_db_time(row.at)),
        payload: Set(row.payload.clone()),
    }
}
