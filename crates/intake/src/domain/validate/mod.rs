//! Whether a submission can be accepted: every violation at once, each with its path as the caller wrote it.

mod answers;
mod dates;
mod formats;
mod requester;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typed_tests;

use std::collections::HashSet;

use jiff::SignedDuration;
use parvis_kernel::{
    AttachmentId, Channel, ContactMode, Error, FieldViolation, Reason, Result, Timestamp,
    ids::is_code,
    reason::{Expected, Thing},
    text::excerpt,
    typed::{Lines, tidy},
};
use parvis_proto::{
    common::{Answer, Requester},
    intake::SubmitRequestRequest,
};

use super::procedure::Procedure;

/// Answers of a request at most, so fields of a form too.
pub const MAX_ANSWERS: usize = 200;
/// Characters of what a citizen says at most.
pub const MAX_TEXT: usize = 20_000;
/// Violations told at most: enough to mend a form, and a bounded answer.
const MAX_VIOLATIONS: usize = 100;
/// How late a letter may be registered.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What a submission is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The procedure it names, in its current version.
    pub procedure: Option<&'a Procedure>,
    /// By which door.
    pub channel: Channel,
    /// The present instant.
    pub now: Timestamp,
    /// Attachments of a request at most.
    pub max_attachments: usize,
    /// Whether an agent files it.
    pub by_agent: bool,
}

/// A submission that can be accepted, tidied: ends trimmed, lines ended one way, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// What the citizen says.
    pub text: String,
    /// In the order of the form.
    pub answers: Vec<Answer>,
    /// Who asks.
    pub requester: Requester,
    /// How they want to be answered.
    pub contact_mode: ContactMode,
    /// Attachments named, with the document each answers.
    pub attachments: Vec<(AttachmentId, String)>,
    /// District's code.
    pub district: String,
    /// Where it happens.
    pub address: String,
    /// How an agent may act for somebody.
    pub acted_by_basis: String,
    /// When it reached the authority.
    pub received_at: Timestamp,
    /// Labels of required documents not sent.
    pub missing_documents: Vec<String>,
}

/// Violations in gathering.
#[derive(Default)]
pub(crate) struct Violations(Vec<FieldViolation>);

impl Violations {
    pub(crate) fn add(&mut self, field: impl Into<String>, reason: impl Into<Reason>, message: impl Into<String>) {
        self.push(FieldViolation::new(field, reason, message));
    }

    pub(crate) fn push(&mut self, violation: FieldViolation) {
        if self.0.len() < MAX_VIOLATIONS {
            self.0.push(violation);
        }
    }

    /// "Invalid" with every violation, where there is any.
    pub(crate) fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid_fields(self.0)) }
    }

    /// A text within `max` characters, tidied.
    fn text(&mut self, field: &str, text: &str, max: usize, lines: Lines) -> String {
        tidy::bounded(text, max, lines).unwrap_or_else(|| {
            self.push(FieldViolation::too_long(field, max));
            String::new()
        })
    }
}

/// Judges `message`.
///
/// # Errors
/// "Invalid" with every violation.
pub fn submission(message: &SubmitRequestRequest, context: Context<'_>) -> Result<Accepted> {
    let mut found = Violations::default();
    idempotency_key(&message.idempotency_key, &mut found);
    let text = found.text("text", &message.text, MAX_TEXT, Lines::Many);
    if context.procedure.is_none() && tidy::is_blank(&message.text) {
        found.add("text", Reason::Required, "a request without a procedure says what it is about; write it here");
    }
    let answers = answers::check(&message.answers, context.procedure, context.now, &mut found);
    let (requester, contact_mode) = requester::check(message.requester.as_ref(), context.procedure, &mut found);
    let attachments = attachments(message, context, &mut found);
    let district = message.district.trim();
    if !district.is_empty() && !is_code(district) {
        let why = format!("« {} » is not a code: 2 to 40 of a-z, 0-9 and dash", excerpt(district, 40));
        found.add("district", Expected::Code, why);
    }
    let address = found.text("address", &message.address, 500, Lines::Many);
    let acted_by_basis = acted_by_basis(message, context, &mut found);
    let received_at = received_at(message, context, &mut found);
    found.into_result()?;
    let missing_documents = missing_documents(context.procedure, &attachments);
    Ok(Accepted {
        text,
        answers,
        requester,
        contact_mode,
        attachments,
        district: district.to_owned(),
        address,
        acted_by_basis,
        received_at,
        missing_documents,
    })
}

/// 1 to 200 printable ASCII characters.
pub(crate) fn idempotency_key(key: &str, found: &mut Violations) {
    if key.is_empty() || key.len() > 200 || !key.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        found.add(
            "idempotency_key",
            Expected::IdempotencyKey,
            "1 to 200 printable ASCII characters are expected, chosen by the caller and the same at each retry",
        );
    }
}

/// A note of an agent: text of at most `max` characters.
pub(crate) fn note(field: &str, text: &str, max: usize, found: &mut Violations) -> String {
    found.text(field, text, max, Lines::Many)
}

fn attachments(
    message: &SubmitRequestRequest,
    context: Context<'_>,
    found: &mut Violations,
) -> Vec<(AttachmentId, String)> {
    if message.attachments.len() > context.max_attachments {
        found.add(
            "attachments",
            Reason::TooMany { most: context.max_attachments as u64 },
            format!("more than {}; send fewer, or several pages in one file", context.max_attachments),
        );
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut read = Vec::with_capacity(message.attachments.len());
    for (at, attachment) in message.attachments.iter().enumerate() {
        match attachment.id.parse::<AttachmentId>() {
            Err(_) => found.add(
                format!("attachments[{at}].id"),
                Reason::FileGone,
                format!("« {} » is not an attachment's id; upload the file first", excerpt(&attachment.id, 40)),
            ),
            Ok(id) if !seen.insert(id) => {
                found.add(
                    format!("attachments[{at}].id"),
                    Reason::Duplicate,
                    "the same file is named twice; remove one",
                );
            }
            Ok(id) => read.push((id, attachment.document.clone())),
        }
        let documents = context.procedure.map_or(&[][..], |procedure| &procedure.content.documents);
        if !attachment.document.is_empty() && !documents.iter().any(|it| it.code == attachment.document) {
            let known = documents.iter().map(|it| it.code.as_str()).collect::<Vec<_>>().join(", ");
            found.add(
                format!("attachments[{at}].document"),
                Reason::Unknown { thing: Thing::Document },
                format!(
                    "« {} » is not a supporting document of this procedure; leave it empty or use one of: {known}",
                    excerpt(&attachment.document, 40)
                ),
            );
        }
    }
    read
}

fn missing_documents(procedure: Option<&Procedure>, sent: &[(AttachmentId, String)]) -> Vec<String> {
    let documents = procedure.map_or(&[][..], |procedure| &procedure.content.documents);
    documents
        .iter()
        .filter(|document| document.required && !sent.iter().any(|(_, code)| *code == document.code))
        .map(|document| document.label.clone())
        .collect()
}

fn acted_by_basis(message: &SubmitRequestRequest, context: Context<'_>, found: &mut Violations) -> String {
    const KNOWN: [&str; 4] = ["in_person", "phone", "mail", "mandate"];
    let basis = message.acted_by_basis.as_str();
    if basis.is_empty() {
        let by_channel = match context.channel {
            _ if !context.by_agent => "",
            Channel::Counter => "in_person",
            Channel::Phone => "phone",
            Channel::Letter | Channel::Email => "mail",
            Channel::Web | Channel::Open311 | Channel::Api | Channel::Partner => "",
        };
        return by_channel.to_owned();
    }
    if !context.by_agent {
        found.add("acted_by_basis", Reason::NotAllowedHere, "only an agent acts for somebody else; leave it empty");
    } else if !KNOWN.contains(&basis) {
        found.push(FieldViolation::not_one_of("acted_by_basis", basis, &KNOWN));
    }
    basis.to_owned()
}

fn received_at(message: &SubmitRequestRequest, context: Context<'_>, found: &mut Violations) -> Timestamp {
    let given = match parvis_proto::from_proto_time(message.received_at.as_ref(), "received_at") {
        Ok(None) => return context.now,
        Ok(Some(given)) => given,
        Err(error) => {
            found.add(
                "received_at",
                Expected::Instant,
                error.violations().first().map_or_else(String::new, |v| v.message.clone()),
            );
            return context.now;
        }
    };
    if !matches!(context.channel, Channel::Letter | Channel::Email) {
        found.add(
            "received_at",
            Reason::NotAllowedHere,
            "only a letter or an e-mail may have arrived before; leave it out",
        );
    } else if given > context.now {
        found.add("received_at", Reason::InTheFuture, "it is in the future; give the instant when it arrived");
    } else if context.now.duration_since(given) > OLDEST {
        let days = OLDEST.as_hours().unsigned_abs() / 24;
        found.add("received_at", Reason::TooLongAgo { days }, "it is more than a year ago; check the year");
    }
    given
}
