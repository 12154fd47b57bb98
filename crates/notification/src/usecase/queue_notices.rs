//! Somebody must be told: writes the notice, and does at once what needs no one else.

use std::collections::{HashMap, hash_map::Entry};

use parvis_bus::Event;
use parvis_kernel::{ContactMode, Error, NoticeId, RequestId, Result};
use parvis_proto::{casework::NoticeRequested, from_proto_time};
use parvis_store::{Tx, to_db_time};
use uuid::Uuid;

use crate::{
    domain::{Content, Kind, State, Texts, Town, pace::mailbox_key},
    mail,
    repo::{attempt, code, notice, pace},
    usecase::outcome::outcome_event,
};

/// A notice to be written, and what asked for it.
pub struct Request {
    event: Event,
    id: NoticeId,
    case: RequestId,
    code: String,
    unit: String,
    content: Content,
}

impl Request {
    /// Reads the event.
    ///
    /// # Errors
    /// "Invalid" where it names no notice, no case or no known kind.
    pub fn read(event: &Event, message: &NoticeRequested, town: &Town) -> Result<Self> {
        let at = from_proto_time(message.at.as_ref(), "at")?.unwrap_or(event.at);
        Ok(Self {
            event: event.clone(),
            id: message.notice_id.parse()?,
            case: message.case_id.parse()?,
            code: message.tracking_code.clone(),
            unit: message.unit.as_ref().map(|unit| unit.code.clone()).unwrap_or_default(),
            content: Content::read(message, town, at)?,
        })
    }
}

struct Written {
    row: notice::Model,
    state: State,
    refusal: Option<String>,
    paced: bool,
}

/// Writes those that are not there yet. `true`: e-mails wait to be sent. No more than `unverified_per_hour`
/// acknowledgments go to one address that nobody verified; the others wait their turn.
pub async fn queue_notices(tx: &mut Tx, requests: Vec<Request>, unverified_per_hour: usize) -> Result<bool> {
    let now = tx.now();
    // Requests of before this role heard codes from intake: casework still knows theirs.
    let codes = requests.iter().filter(|request| !request.code.is_empty());
    let codes: Vec<_> =
        codes.map(|request| (request.event.tenant.clone(), request.case, request.code.clone())).collect();
    if !codes.is_empty() {
        code::keep(tx.conn(), codes).await?;
    }
    let mut written: HashMap<Uuid, Written> = HashMap::with_capacity(requests.len());
    for request in requests {
        if let Entry::Vacant(new) = written.entry(request.id.0) {
            new.insert(write(&request, to_db_time(now))?);
        }
    }
    let rows = written.values().map(|written| written.row.clone()).collect();
    let mut attempts = Vec::new();
    let mut wake = false;
    let mut paced: Vec<notice::Model> = Vec::new();
    for id in notice::insert_new(tx.conn(), rows).await? {
        let Some(Written { row, state, refusal, paced: is_paced }) = written.remove(&id) else {
            return Err(Error::internal("a row was inserted that was not given"));
        };
        if state == State::Pending {
            wake = true;
            paced.extend(is_paced.then_some(row));
            continue;
        }
        tx.append(outcome_event(&row, state, refusal.as_deref().unwrap_or_default(), now)?);
        if let Some(detail) = refusal {
            metrics::counter!("parvis_notices_refused_total").increment(1);
            attempts.push(attempt::Model {
                tenant: row.tenant,
                notice_id: row.id,
                number: 0,
                at: to_db_time(now),
                succeeded: false,
                detail,
            });
        }
    }
    attempts.extend(hold_back(tx, paced, unverified_per_hour).await?);
    attempt::insert(tx.conn(), attempts).await?;
    Ok(wake)
}

/// Gives each of `rows`, just written, its turn. Returns what agents see of those that wait.
async fn hold_back(tx: &Tx, mut rows: Vec<notice::Model>, per_hour: usize) -> Result<Vec<attempt::Model>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    rows.sort_by_key(|row| row.id);
    let keyed: Vec<_> = rows.into_iter().map(|row| (mailbox_key(&row.recipient_address), row)).collect();
    let mut planned = pace::lock(tx.conn(), keyed.iter().map(|(mailbox, _)| mailbox.clone()), now).await?;
    let mut held = Vec::new();
    for (mailbox, row) in keyed {
        let at = planned.entry(mailbox).or_default().add(per_hour, now);
        if at > now {
            metrics::counter!("parvis_notices_held_total").increment(1);
            notice::hold(tx.conn(), row.id, at).await?;
            held.push(attempt::Model {
                tenant: row.tenant,
                notice_id: row.id,
                number: 0,
                at: to_db_time(now),
                succeeded: false,
                detail: format!("held back until {at}: {per_hour} an hour go to an address that nobody verified"),
            });
        }
    }
    pace::keep(tx.conn(), planned, now).await?;
    Ok(held)
}

fn write(request: &Request, now: i64) -> Result<Written> {
    let content = &request.content;
    let refusal = refusal(content);
    // A wrong address can be put right; what the law asks for and is not there cannot.
    let texts = match content.missing() {
        Some(_) => Texts { subject: String::new(), portal: String::new(), body: String::new() },
        None => Texts::write(content)?,
    };
    let state = match (&refusal, content.mode) {
        (Some(_), _) => State::Failed,
        (None, ContactMode::Email) => State::Pending,
        (None, ContactMode::Portal) => State::Sent,
        (None, ContactMode::Letter | ContactMode::Phone | ContactMode::Sms) => State::ToHandOver,
    };
    let row = notice::Model {
        id: request.id.0,
        tenant: request.event.tenant.to_string(),
        case_id: request.case.0,
        reference: content.reference.clone(),
        code_sha256: String::new(),
        unit: request.unit.clone(),
        kind: content.kind.as_str().to_owned(),
        mode: content.mode.as_str().to_owned(),
        state: state.as_str().to_owned(),
        subject: texts.subject,
        portal_body: texts.portal,
        body: texts.body,
        recipient_name: content.name.clone(),
        recipient_address: content.address.clone(),
        reply_to: content.reply_to.clone(),
        traceparent: request.event.traceparent.clone(),
        created_at: now,
        done_at: matches!(state, State::Sent | State::Failed).then_some(now),
        tries: 0,
        claim: None,
        due_at: (state == State::Pending).then_some(now),
        text_removed_at: None,
    };
    let paced = content.to_stranger && content.kind == Kind::Acknowledgment;
    Ok(Written { row, state, refusal, paced })
}

/// Why nothing can be said, if so: the field that is missing or wrong.
fn refusal(content: &Content) -> Option<String> {
    if let Some(field) = content.missing() {
        return Some(format!("{field} is missing"));
    }
    (content.mode == ContactMode::Email && !mail::is_address(&content.address))
        .then(|| "recipient.email is not an e-mail address".to_owned())
}
