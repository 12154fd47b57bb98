//! The citizen writes, from the follow-up page; or an agent writes down what they say.

use parvis_kernel::{
    Caller, CaseId, Error, ErrorKind, MessageId, Reference, Refusal, Result,
    reason::{Expected, Thing},
};
use uuid::Uuid;

use super::{Casework, journal::Journal, no_case, request_of, required_text};
use crate::{
    domain::{Author, Case, Direction, Standing, State, Step, Verb, notice::Notices},
    repo,
};

/// How many messages one case takes from its citizen: the page is open to whoever holds a grant.
const MAX_MESSAGES: u64 = 200;

/// Write about one's own request.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the contract's message documents each")]
pub struct PostCitizenMessage {
    pub reference: String,
    pub text: String,
    pub idempotency_key: String,
}

impl Casework {
    /// Keeps the message; puts a waiting case back in progress and reopens one closed lately. The same key and text
    /// again have no further effect. Returns the state after it.
    pub async fn post_citizen_message(&self, caller: &Caller, command: PostCitizenMessage) -> Result<State> {
        let reference: Reference = command.reference.parse()?;
        let text = required_text("text", &command.text)?;
        let key = &command.idempotency_key;
        if !(1..=200).contains(&key.len()) || !key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            let reason = Expected::IdempotencyKey;
            return Err(Error::wrong("idempotency_key", reason, "must be 1 to 200 printable ASCII characters"));
        }
        // Before the transaction: whoever guesses references must not hold up those who work.
        let case_id = match caller.agent() {
            Some(_) => self.for_person(caller, reference).await?.id,
            None => self.followed(caller, reference).await?.id,
        };
        let town = self.towns.get(&caller.tenant)?;
        let mut tx = self.store.begin().await?;
        let mut case = repo::case::lock(&tx, &caller.tenant, &[case_id]).await?.pop().ok_or_else(unknown)?;
        let id = message_id(case.id, key);
        if let Some(kept) = repo::message::by_id(tx.conn(), &caller.tenant, case.id, id).await? {
            return match kept.text == text {
                true => Ok(case.state),
                false => Err(Error::new(ErrorKind::AlreadyExists, "this idempotency key was used for another message")
                    .refused(Refusal::KeyReused)),
            };
        }
        let now = tx.now();
        if case.reopens_until(self.reopen_days).is_some_and(|until| now > until) {
            let message = "this request was closed too long ago to be answered: file a new one";
            return Err(Error::precondition(message).refused(Refusal::ClosedTooLong));
        }
        if repo::message::count_from_citizen(tx.conn(), &caller.tenant, case.id).await? >= MAX_MESSAGES {
            let refusal = Refusal::TooManyMessages { most: MAX_MESSAGES };
            let message = format!("at most {MAX_MESSAGES} messages a request");
            return Err(Error::new(ErrorKind::Exhausted, message).refused(refusal));
        }
        let request = request_of(&tx, &case).await?;
        let author = match caller.agent() {
            Some(_) => Author::of(caller),
            None => Author::citizen(&case.requester_name),
        };
        let mut journal = Journal::new(caller.tenant.clone());
        let line = case.write(Step::Receive, &author, now, &town.calendar)?;
        journal.posted(&case, &request, line, id, Direction::FromCitizen, text);
        match case.state {
            State::WaitingCitizen => {
                let line = case.resume(&author, now, &town.calendar)?;
                journal.changed(&case, &request, line);
            }
            State::Closed => {
                let detail = "Rouvert par un message de l’usager.".to_owned();
                let line = case.reopen(detail, &author, now, &town.calendar)?;
                journal.changed(&case, &request, line);
                let notices =
                    Notices { case: &case, request: &request, town: &town.calendar, authority: &town.contact, now };
                journal.notice(&case, &notices.reopened(None));
            }
            State::New | State::Assigned | State::InProgress | State::Decided | State::Reopened => {}
        }
        repo::case::save(&tx, [&case]).await?;
        journal.write(&mut tx).await?;
        tx.commit().await?;
        Ok(case.state)
    }

    /// The case for whose person an agent writes.
    async fn for_person(&self, caller: &Caller, reference: Reference) -> Result<Case> {
        let case = repo::case::by_reference(self.store.read(), &caller.tenant, reference).await?.ok_or_else(no_case)?;
        // As if its unit were sensitive: nobody needs to read it to add to it.
        let standing = Standing::of(caller, &case, true, &[], None).ok_or_else(no_case)?;
        if !standing.may(Verb::ForPerson) {
            let message = "only whoever receives people, filed it or works in its unit writes for the person";
            return Err(Error::denied(message).refused(Refusal::HandlerOnly));
        }
        Ok(case)
    }

    /// The case of a request that the caller follows; for everybody else there is none.
    pub(super) async fn followed(&self, caller: &Caller, reference: Reference) -> Result<Case> {
        let case = repo::case::by_reference(self.store.read(), &caller.tenant, reference).await?;
        case.filter(|case| caller.follows(case.id)).ok_or_else(unknown)
    }
}

fn unknown() -> Error {
    Error::no_such(Thing::Request, "no request that you follow has this reference")
}

/// One key of one case always makes one id.
fn message_id(case: CaseId, key: &str) -> MessageId {
    MessageId(Uuid::new_v5(&case.0, format!("reply:{key}").as_bytes()))
}
