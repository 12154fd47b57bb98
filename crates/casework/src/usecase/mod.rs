//! One verb a file: authorise, load, let the domain decide, save over the version read, say so, commit.

mod add_note;
mod close_case;
mod count_due_cases;
mod get_case;
mod get_public_case;
mod index_names;
mod journal;
mod keep_transfers;
mod list_cases;
mod open_cases;
mod post_citizen_message;
mod purge_access_log;
mod record_notices;
mod refuse_transfers;
mod reopen_case;
mod run_timers;
mod send_message;
mod show_assignments;
mod start_case;

pub use add_note::AddNote;
pub use close_case::CloseCase;
pub use count_due_cases::DueCases;
pub use get_case::{CaseKey, CaseView};
pub use get_public_case::PublicView;
pub use list_cases::ListCases;
pub use post_citizen_message::PostCitizenMessage;
pub use reopen_case::ReopenCase;
pub use send_message::SendMessage;
pub use start_case::StartCase;

use parvis_kernel::{
    Caller, CaseId, Error, FieldViolation, Reason, Refusal, Result,
    reason::Thing,
    typed::{Lines, tidy},
};
use parvis_runtime::grants::GrantSigner;
use parvis_store::{Store, Tx};

use crate::{
    domain::{Author, Case, CaseRequest, Standing, Verb, access::READERS, notice::Notices},
    repo::{self, access_log::AccessLog},
    towns::{Town, Towns},
};
use journal::Journal;

/// Characters of a message, a note or grounds at most.
const MAX_TEXT: usize = 10_000;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct Casework {
    /// The role's database.
    pub store: Store,
    /// The authorities.
    pub towns: Towns,
    /// Where readings are kept.
    pub access_log: AccessLog,
    /// Signs which files an agent may read.
    pub signer: GrantSigner,
    /// Days within which an answer reopens.
    pub reopen_days: u32,
}

/// A case in hand: loaded in a transaction, by someone who may do what they ask.
struct Opened<'a> {
    tx: Tx,
    case: Case,
    request: CaseRequest,
    author: Author,
    town: &'a Town,
    journal: Journal,
}

impl Casework {
    /// Loads a case to do `verb` to it.
    ///
    /// # Errors
    /// "Not found" for whoever may not read it, "denied" for whoever may but not do this, "conflict" where it is no
    /// longer at `expected_version`.
    async fn open_for(&self, caller: &Caller, id: CaseId, expected_version: u64, verb: Verb) -> Result<Opened<'_>> {
        caller.require_agent(&READERS)?;
        if expected_version == 0 {
            let message = "is needed: the version of the case that was read";
            return Err(Error::wrong("expected_version", Reason::Required, message));
        }
        let town = self.towns.get(&caller.tenant)?;
        let tx = self.store.begin().await?;
        let case = repo::case::lock(&tx, &caller.tenant, &[id]).await?.pop().ok_or_else(no_case)?;
        // Neither a unit that had it nor a reason lets anybody do more: only what is certain counts here.
        let standing = Standing::of(caller, &case, true, &[], None).ok_or_else(no_case)?;
        if !standing.may(verb) {
            let message = format!("« {verb} » is for whoever handles this case");
            return Err(Error::denied(message).refused(Refusal::HandlerOnly));
        }
        if case.version != expected_version {
            return Err(Error::changed_meanwhile(
                Thing::Case,
                format!(
                    "the case was changed by somebody else meanwhile (version {}, not {expected_version}): read it again",
                    case.version
                ),
            ));
        }
        let request = request_of(&tx, &case).await?;
        Ok(Opened { tx, case, request, author: Author::of(caller), town, journal: Journal::new(caller.tenant.clone()) })
    }
}

impl Opened<'_> {
    /// The notices about the case as it is now.
    fn notices(&self) -> Notices<'_> {
        Notices {
            case: &self.case,
            request: &self.request,
            town: &self.town.calendar,
            authority: &self.town.contact,
            now: self.tx.now(),
        }
    }

    /// Saves the case with what was said of it.
    async fn commit(mut self) -> Result<Case> {
        repo::case::save(&self.tx, [&self.case]).await?;
        self.journal.write(&mut self.tx).await?;
        self.tx.commit().await?;
        Ok(Case { base_version: self.case.version, ..self.case })
    }
}

async fn request_of(tx: &Tx, case: &Case) -> Result<CaseRequest> {
    repo::request::of_case(tx.conn(), &case.tenant, case.id)
        .await?
        .ok_or_else(|| Error::internal(format!("case {} has no request", case.id)))
}

/// For whoever may not read it, it does not exist.
fn no_case() -> Error {
    Error::no_such(Thing::Case, "no such case among those that you may read")
}

/// A text that must say something.
fn required_text(field: &str, text: &str) -> Result<String> {
    let text = optional_text(field, text)?;
    if text.is_empty() {
        return Err(Error::wrong(field, Reason::Required, "is empty: write something"));
    }
    Ok(text)
}

/// A text that may be empty.
fn optional_text(field: &str, text: &str) -> Result<String> {
    let tidied = tidy::bounded(text, MAX_TEXT, Lines::Many);
    tidied.ok_or_else(|| FieldViolation::too_long(field, MAX_TEXT).into())
}
