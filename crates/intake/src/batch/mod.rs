//! Group commit: submissions that arrive while a commit runs are written together by the next. A lone one waits for
//! nobody.

mod commit;

pub(crate) use commit::replayed;

use std::collections::VecDeque;

use parvis_kernel::{AttachmentId, Error, ErrorKind, RequestId, Result, TenantId, Timestamp};
use parvis_proto::intake::SubmittedRequest;
use parvis_store::Store;
use tokio::sync::{mpsc, oneshot};

use crate::{references::References, repo::idempotency, tracking_codes::TrackingCode};

/// How many batches may wait in the queue before callers wait outside.
const QUEUED_BATCHES: usize = 8;

/// A submission judged acceptable, to be written.
#[derive(Clone)]
pub struct Submission {
    /// Its key in its caller's scope.
    pub key: idempotency::Key,
    /// What it says, in short.
    pub body_digest: [u8; 32],
    /// The id drawn for it.
    pub id: RequestId,
    /// When it reached the authority.
    pub received_at: Timestamp,
    /// What it becomes, but for its reference.
    pub request: SubmittedRequest,
    /// Its code.
    pub code: TrackingCode,
    /// The files it takes.
    pub attachments: Vec<AttachmentId>,
    /// The trace it belongs to.
    pub traceparent: String,
}

impl Submission {
    /// Whose.
    pub fn tenant(&self) -> &TenantId {
        &self.key.0
    }
}

/// What became of a submission.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The request, as kept.
    pub request: SubmittedRequest,
    /// Whether it was there already.
    pub replayed: bool,
}

struct Waiting {
    submission: Submission,
    answer: oneshot::Sender<Result<Filed>>,
}

/// Where submissions are handed in.
#[derive(Clone)]
pub struct Batcher {
    queue: mpsc::Sender<Waiting>,
}

impl Batcher {
    /// Starts the task that writes. It ends, its queue emptied, when every handle is gone.
    pub fn start(store: Store, batch_max: usize) -> Self {
        let (queue, receiver) = mpsc::channel(batch_max * QUEUED_BATCHES);
        tokio::spawn(Writer { references: References::new(store.clone()), store, batch_max }.run(receiver));
        Self { queue }
    }

    /// Writes a submission: durable when this answers. Whoever stops waiting may find it written, whole.
    pub async fn file(&self, submission: Submission) -> Result<Filed> {
        let (answer, written) = oneshot::channel();
        let gone = |_| Error::unavailable("the service is stopping; try again");
        self.queue.send(Waiting { submission, answer }).await.map_err(|_| gone(()))?;
        written.await.map_err(|_| gone(()))?
    }
}

struct Writer {
    store: Store,
    references: References,
    batch_max: usize,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Waiting>) {
        // Those whose key is also in the batch before them: its outcome decides theirs.
        let mut deferred: VecDeque<Waiting> = VecDeque::new();
        loop {
            let mut batch: Vec<Waiting> = Vec::new();
            if deferred.is_empty() && queue.recv_many(&mut batch, self.batch_max).await == 0 {
                return;
            }
            while batch.len() < self.batch_max
                && let Some(waiting) = deferred.pop_front().or_else(|| queue.try_recv().ok())
            {
                batch.push(waiting);
            }
            // Sorted, so that two processes take keys in the same order; stably, so that the first come is served.
            batch.sort_by(|a, b| a.submission.key.cmp(&b.submission.key));
            let mut unique: Vec<Waiting> = Vec::with_capacity(batch.len());
            let mut followers: Vec<(usize, Waiting)> = Vec::new();
            for waiting in batch {
                if unique.last().is_some_and(|last| last.submission.key == waiting.submission.key) {
                    followers.push((unique.len() - 1, waiting));
                } else {
                    unique.push(waiting);
                }
            }
            deferred.extend(self.write(unique, followers).await);
        }
    }

    /// Writes those of `batch` and answers them, and answers their followers, who came with the same key; gives back
    /// the followers of those that failed, whose turn it is.
    async fn write(&mut self, batch: Vec<Waiting>, followers: Vec<(usize, Waiting)>) -> Vec<Waiting> {
        let (submissions, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|waiting| (waiting.submission, waiting.answer)).unzip();
        let outcomes = self.commit_all(&submissions).await;
        let mut again = Vec::new();
        for (leader, waiting) in followers {
            let (Some(Ok(filed)), Some(leader)) = (outcomes.get(leader), submissions.get(leader)) else {
                again.push(waiting);
                continue;
            };
            let kept =
                idempotency::Use { key: leader.key.clone(), body_digest: leader.body_digest, request_id: leader.id };
            let _ = waiting.answer.send(replayed(&kept, waiting.submission.body_digest, Some(&filed.request)));
        }
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever no longer waits asks again with the same key.
            let _ = answer.send(outcome);
        }
        again
    }

    async fn commit_all(&mut self, submissions: &[Submission]) -> Vec<Result<Filed>> {
        metrics::histogram!("parvis_intake_batch_size").record(submissions.len() as f64);
        match self.commit(submissions).await {
            Ok(outcomes) => outcomes,
            // One that the database refuses must not take the others with it.
            Err(error) if error.kind() == ErrorKind::Internal && submissions.len() > 1 => {
                tracing::error!(%error, "a batch was refused; its requests are written one by one");
                let mut outcomes = Vec::with_capacity(submissions.len());
                for submission in submissions {
                    outcomes.push(match self.commit(std::slice::from_ref(submission)).await {
                        Ok(mut one) => one.pop().unwrap_or_else(|| Err(Error::internal("a batch of one gave nothing"))),
                        Err(error) => Err(error),
                    });
                }
                outcomes
            }
            Err(error) => {
                tracing::warn!(%error, "a batch could not be written");
                submissions.iter().map(|_| Err(Error::new(error.kind(), error.message()))).collect()
            }
        }
    }
}
