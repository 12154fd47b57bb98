//! What the follow-up page shows, in plain strings.

use jiff::{Timestamp, tz::TimeZone};
use parvis_proto::{
    casework::{Message, PublicCase},
    common::{Answer, AttachmentRef, ProcedureSnapshot},
    notification::Notice,
    tracking::Timeline,
};

use crate::pages::{
    format::{self, instant},
    shell::phone_link,
};

/// One of the four steps.
pub struct StepView {
    /// What it is called.
    pub label: &'static str,
    /// `passed`, `current`, or nothing.
    pub class: &'static str,
    /// The same in words.
    pub said: &'static str,
}

/// A line of the timeline.
pub struct LineView {
    /// One sentence.
    pub label: String,
    /// For `<time>`.
    pub datetime: String,
    /// To read.
    pub when: String,
}

/// A message.
pub struct MessageView {
    /// Whether the citizen wrote it.
    pub mine: bool,
    /// Who wrote it.
    pub author: String,
    /// To read.
    pub when: String,
    /// Its paragraphs and their lines.
    pub text: Vec<Vec<String>>,
}

/// A notice.
pub struct NoticeView {
    /// What it is about.
    pub kind: String,
    /// How and when it went.
    pub how: String,
    /// What it says.
    pub subject: String,
    /// Its paragraphs and their lines.
    pub body: Vec<Vec<String>>,
}

/// Who handles the request.
pub struct HandlerView {
    /// The service.
    pub unit: String,
    /// The agent; empty: nobody yet.
    pub agent: String,
    /// Where to call.
    pub phone: String,
    /// The same for a link.
    pub phone_link: String,
    /// Where to write.
    pub email: String,
    /// Where to come or write.
    pub address: String,
}

/// An answer of the form.
pub struct AnswerView {
    /// The question.
    pub label: String,
    /// The answer.
    pub value: String,
}

/// A file.
pub struct FileView {
    /// Where it is.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: String,
}

/// Where the request stands: what casework says, else what tracking saw, else received.
pub fn state<'a>(case: Option<&'a PublicCase>, timeline: Option<&'a Timeline>) -> &'a str {
    let of_case = case.map(|case| match case.state.as_str() {
        // A new case that has its service waits there.
        "new" if case.unit.as_ref().is_some_and(|unit| !unit.name.is_empty()) => "queued",
        state => state,
    });
    of_case
        .or(timeline.map(|timeline| timeline.status.as_str()))
        .filter(|state| !state.is_empty())
        .unwrap_or("received")
}

/// The four steps of every request.
pub fn steps(state: &str) -> Vec<StepView> {
    let at = match state {
        "queued" | "assigned" => 1,
        "in_progress" | "waiting_citizen" | "reopened" => 2,
        "decided" | "closed" => 3,
        _ => 0,
    };
    let labels = ["Reçue", "Confiée à un service", "En traitement", "Terminée"];
    labels
        .into_iter()
        .enumerate()
        .map(|(rank, label)| match rank.cmp(&at) {
            std::cmp::Ordering::Less => StepView { label, class: "passed", said: "étape faite" },
            std::cmp::Ordering::Equal => StepView { label, class: "current", said: "étape en cours" },
            std::cmp::Ordering::Greater => StepView { label, class: "", said: "étape à venir" },
        })
        .collect()
}

/// The town's promise, while it matters.
pub fn promise(case: Option<&PublicCase>, closed: bool) -> Option<String> {
    let due = case.filter(|_| !closed).map(|case| case.service_due_on.as_str()).filter(|due| !due.is_empty())?;
    Some(format!("Nous nous engageons à vous répondre au plus tard le {}.", format::iso_day(due)))
}

/// What silence means, with its date where there is one.
pub fn silence(procedure: &ProcedureSnapshot, due: &str) -> Option<String> {
    if due.is_empty() {
        return format::silence(&procedure.silence, procedure.silence_months);
    }
    let due = format::iso_day(due);
    match procedure.silence.as_str() {
        "accept" => Some(format!(
            "Sans réponse de notre part le {due}, votre demande est acceptée, si votre dossier est complet."
        )),
        "reject" => Some(format!(
            "Sans réponse de notre part le {due}, votre demande est refusée. Vous pouvez alors contester ce refus."
        )),
        _ => None,
    }
}

/// Who handles it.
pub fn handler(case: &PublicCase) -> Option<HandlerView> {
    let unit = case.unit.clone().filter(|unit| !unit.name.is_empty())?;
    Some(HandlerView {
        unit: unit.name,
        agent: case.agent_name.clone(),
        phone_link: phone_link(&unit.phone),
        phone: unit.phone,
        email: unit.email,
        address: unit.postal_address,
    })
}

/// The public lines, latest first.
pub fn lines(timeline: &Timeline, now: Timestamp, zone: &TimeZone) -> Vec<LineView> {
    let public = timeline.lines.iter().filter(|line| line.public && !line.label.is_empty());
    let mut lines: Vec<LineView> = public
        .map(|line| {
            let at = instant(line.at.as_ref());
            LineView {
                label: line.label.clone(),
                datetime: format::time_tag(at),
                when: format::relative(at, now, zone),
            }
        })
        .collect();
    lines.reverse();
    lines
}

/// Messages, oldest first; notes are not for the citizen.
pub fn messages(messages: Vec<Message>, now: Timestamp, zone: &TimeZone) -> Vec<MessageView> {
    messages
        .into_iter()
        .filter(|message| message.direction != "note")
        .map(|message| {
            let mine = message.direction == "from_citizen";
            MessageView {
                mine,
                author: match (mine, message.for_person) {
                    (true, true) => format!("Vous, noté par {}", message.author),
                    (true, false) => "Vous".to_owned(),
                    (false, _) => message.author,
                },
                when: format::relative(instant(message.at.as_ref()), now, zone),
                text: format::paragraphs(&message.text),
            }
        })
        .collect()
}

/// Notices, as they came.
pub fn notices(notices: Vec<Notice>, zone: &TimeZone) -> Vec<NoticeView> {
    notices
        .into_iter()
        .map(|notice| {
            let at = notice.done_at.as_ref().or(notice.created_at.as_ref());
            let when = format::date_time(instant(at), zone);
            let way = format::notice_way(&notice.mode);
            let how = match notice.state.as_str() {
                "sent" | "handed_over" => format!("Envoyé {way} le {when}"),
                "failed" => format!("N'a pas pu être envoyé {way}"),
                _ => format!("En cours d'envoi {way}"),
            };
            NoticeView {
                kind: format::notice_kind(&notice.kind).to_owned(),
                how,
                subject: notice.subject,
                body: format::paragraphs(match notice.text_removed_at {
                    Some(_) => format::TEXT_REMOVED,
                    None => &notice.body,
                }),
            }
        })
        .collect()
}

/// Answers, as shown when filed.
pub fn answers(answers: Vec<Answer>) -> Vec<AnswerView> {
    let value =
        |answer: &Answer| if answer.display.is_empty() { answer.values.join(", ") } else { answer.display.join(", ") };
    answers.into_iter().map(|answer| AnswerView { value: value(&answer), label: answer.label }).collect()
}

/// Files sent with the request.
pub fn files(reference: &str, attachments: Vec<AttachmentRef>) -> Vec<FileView> {
    attachments
        .into_iter()
        .map(|file| FileView {
            href: format!("/suivi/{reference}/pieces/{}", file.id),
            name: file.file_name,
            size: format::bytes(file.size),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_forward_with_the_state() {
        let current = |state: &str| steps(state).iter().position(|step| step.class == "current");
        assert_eq!(current("new"), Some(0));
        assert_eq!(current("assigned"), Some(1));
        assert_eq!(current("waiting_citizen"), Some(2));
        assert_eq!(current("closed"), Some(3));
        assert_eq!(current("of a later version"), Some(0));
    }

    #[test]
    fn what_is_for_agents_is_not_shown() {
        let message = |direction: &str| Message { direction: direction.into(), ..Message::default() };
        let zone = TimeZone::UTC;
        let shown = messages(
            vec![message("note"), message("from_citizen"), message("to_citizen")],
            Timestamp::UNIX_EPOCH,
            &zone,
        );
        assert_eq!(shown.iter().map(|message| message.mine).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn silence_has_its_date_once_the_case_knows_it() {
        let procedure =
            ProcedureSnapshot { silence: "reject".into(), silence_months: 2, ..ProcedureSnapshot::default() };
        assert!(silence(&procedure, "").unwrap().contains("2 mois"));
        assert!(silence(&procedure, "2026-05-01").unwrap().contains("le 1er mai 2026"));
        assert_eq!(silence(&ProcedureSnapshot::default(), "2026-05-01"), None);
    }
}
