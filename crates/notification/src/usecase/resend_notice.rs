//! The address of a failed notice is put right, and the notice sent again.

use parvis_kernel::{Caller, Error, NoticeId, Refusal, Result, Role, reason::Expected, reason::Thing, typed::email};
use parvis_store::{Store, to_db_time};

use crate::{
    domain::State,
    repo::{attempt, notice},
    usecase::{NoticeView, access::carried, view::Text},
};

/// Sends it again, to `address`; empty: to the same. Those who carry the case's notices.
///
/// # Errors
/// "Invalid" where `address` is none; "failed precondition" where it did not fail, is no e-mail, or is no longer kept.
pub async fn resend_notice(store: &Store, caller: &Caller, id: NoticeId, address: &str) -> Result<NoticeView> {
    caller.require(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    let carried = carried(store, caller).await?;
    let tx = store.begin().await?;
    let now = tx.now();
    let found = notice::find(tx.conn(), &caller.tenant, id.0).await?;
    // Whoever chooses the address could send the text to themselves: only those who carry it anyway.
    let Some(row) = found.filter(|row| carried.has(row)) else {
        return Err(Error::no_such(Thing::Notice, "no such notice"));
    };
    if row.state != State::Failed.as_str() || row.mode != "email" || row.body.is_empty() {
        let message = "only an e-mail that failed, and whose text is still kept, is sent again";
        return Err(Error::precondition(message).refused(Refusal::NotSentAgain));
    }
    let typed = if address.trim().is_empty() { &row.recipient_address } else { address };
    let address = email::read(typed).ok_or_else(|| {
        Error::wrong("email", Expected::Email, "not an e-mail address; it looks like prenom.nom@exemple.fr")
    })?;
    if !notice::send_again(tx.conn(), &caller.tenant, id.0, &address, now).await? {
        return Err(Error::conflict("somebody did it already: read the list again").refused(Refusal::DoneAlready));
    }
    tx.commit().await?;
    let attempts = attempt::of_notices(store.read(), &caller.tenant, &[row.id]).await?.remove(&row.id);
    let row = notice::Model {
        state: State::Pending.as_str().to_owned(),
        recipient_address: address,
        done_at: None,
        due_at: Some(to_db_time(now)),
        ..row
    };
    Ok(NoticeView { row, attempts: attempts.unwrap_or_default(), text: Text::Shown, for_agent: true })
}
