//! What the page of a case shows, in plain strings.

use jiff::{Timestamp, tz::TimeZone};
use parvis_kernel::typed;
use parvis_proto::{
    casework::{CaseDetail, HistoryLine, Message},
    notification::Notice,
    routing::{Decision, Step},
};

use super::{
    referral::{Referral, TransferView},
    sees_rules,
};
use crate::pages::{
    agent::{resend::ResendView, row},
    format::{self, instant},
    page::Desk,
    requester,
    shell::phone_link,
};

/// A question and its answer, a name and its value.
pub struct Fact {
    /// The name.
    pub label: String,
    /// The value.
    pub value: String,
}

/// A message or a note.
pub struct MessageView {
    /// `message-mine` from the town, `message-note`, or nothing.
    pub class: &'static str,
    /// Who wrote it, and for whom.
    pub author: String,
    /// To read.
    pub when: String,
    /// Its paragraphs and their lines.
    pub text: Vec<Vec<String>>,
}

/// A line of the history.
pub struct HistoryView {
    /// What happened.
    pub kind: String,
    /// One sentence.
    pub detail: String,
    /// Who did it; empty: nobody.
    pub actor: String,
    /// For `<time>`.
    pub datetime: String,
    /// To read.
    pub when: String,
}

/// A decision of the router.
pub struct DecisionView {
    /// Why it decided.
    pub cause: String,
    /// One sentence.
    pub summary: String,
    /// Why somebody asked for it.
    pub reason: String,
    /// To read.
    pub when: String,
    /// Rules tried.
    pub rules: Vec<StepView>,
    /// Agents looked at.
    pub candidates: Vec<StepView>,
    /// Version of the rules.
    pub rule_set: String,
    /// Why the case came here, for the agent.
    pub sentence: String,
    /// What rules say of the case.
    pub flags: Vec<String>,
    /// What the classifier proposes, where nobody decided yet: value of the form, name, why.
    pub guesses: Vec<GuessView>,
    /// A transfer that is still proposed.
    pub transfer: Option<TransferView>,
}

/// A unit that the classifier proposes.
pub struct GuessView {
    /// As the form says it.
    pub target: String,
    /// Its name.
    pub name: String,
    /// How probable, and from which words.
    pub why: String,
}

/// One thing that the router looked at.
pub struct StepView {
    /// What.
    pub label: String,
    /// Whether it was kept.
    pub kept: bool,
    /// Why, or why not.
    pub why: String,
}

impl StepView {
    /// Those of one kind.
    pub fn of(steps: &[Step], kind: &str) -> Vec<Self> {
        let of_kind = steps.iter().filter(|step| step.kind == kind);
        of_kind
            .map(|step| Self {
                label: if step.label.is_empty() { step.subject.clone() } else { step.label.clone() },
                kept: step.kept,
                why: step.why.clone(),
            })
            .collect()
    }
}

impl DecisionView {
    /// Of a decision.
    pub fn new(decision: Decision, now: Timestamp, zone: &TimeZone) -> Self {
        Self {
            cause: format::cause(&decision.cause).to_owned(),
            when: format::relative(instant(decision.at.as_ref()), now, zone),
            rules: StepView::of(&decision.steps, "rule"),
            candidates: StepView::of(&decision.steps, "candidate"),
            guesses: if decision.rule == "triage" { guesses(&decision) } else { Vec::new() },
            transfer: TransferView::proposed(decision.transfer),
            sentence: decision.sentence,
            flags: decision.flags,
            rule_set: if decision.rule_set == 0 { String::new() } else { decision.rule_set.to_string() },
            summary: decision.summary,
            reason: decision.reason,
        }
    }
}

/// What the rules said when the case opened still goes for it when somebody takes it from the queue: later decisions
/// have it too.
fn carried(mut decisions: Vec<Decision>) -> Vec<Decision> {
    for at in 1..decisions.len() {
        let (earlier, later) = decisions.split_at_mut(at);
        let (Some(before), Some(now)) = (earlier.last(), later.first_mut()) else { continue };
        if now.flags.is_empty() {
            now.flags.clone_from(&before.flags);
        }
        if now.guesses.is_empty() {
            now.guesses.clone_from(&before.guesses);
        }
        if now.transfer.is_none() {
            now.transfer.clone_from(&before.transfer);
        }
    }
    decisions
}

fn guesses(decision: &Decision) -> Vec<GuessView> {
    let ours = decision.guesses.iter().filter(|guess| !guess.unit.is_empty());
    let view = |guess: &parvis_proto::routing::Guess| GuessView {
        target: format!("unit:{}", guess.unit),
        name: guess.unit_name.clone(),
        why: match guess.words.as_slice() {
            [] => format!("{} %", guess.percent),
            words => format!("{} %, d'après {}", guess.percent, words.join(", ")),
        },
    };
    ours.map(view).collect()
}

/// A file.
pub struct FileView {
    /// Where it is.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its size and what it answers.
    pub about: String,
}

/// A notice sent to the citizen.
pub struct NoticeView {
    /// What it is about.
    pub kind: String,
    /// How, when, and whether it arrived.
    pub how: String,
    /// Whether it did not.
    pub failed: bool,
    /// To send it again, where it failed.
    pub resend: Option<ResendView>,
}

/// The page's contents.
pub struct CaseView {
    pub reference: String,
    pub title: String,
    pub state: String,
    pub tone: &'static str,
    pub outcome: String,
    pub priority: String,
    pub priority_tone: &'static str,
    pub summary: String,
    pub unit: String,
    pub agent: String,
    pub due: String,
    pub due_class: &'static str,
    pub clocks: Vec<Fact>,
    pub text: Vec<Vec<String>>,
    pub answers: Vec<Fact>,
    pub files: Vec<FileView>,
    pub missing: Vec<String>,
    pub place: String,
    pub name: String,
    pub organisation: String,
    pub contact_mode: String,
    pub phone: String,
    pub phone_link: String,
    pub email: String,
    pub postal_address: Vec<Vec<String>>,
    pub acted_by: String,
    pub messages: Vec<MessageView>,
    pub history: Vec<HistoryView>,
    pub last_decision: Option<DecisionView>,
    pub earlier_decisions: Vec<DecisionView>,
    pub notices: Vec<NoticeView>,
    pub referral: Option<Referral>,
    pub sees_rules: bool,
}

impl CaseView {
    /// Of a case; `notices`: `None` where notification did not say.
    pub fn new(desk: &Desk, detail: CaseDetail, decisions: Vec<Decision>, notices: Option<Vec<Notice>>) -> Self {
        let (now, zone) = (desk.page.now(), desk.page.zone());
        let case = detail.case.unwrap_or_default();
        let who = detail.requester.unwrap_or_default();
        let procedure = case.procedure.clone().unwrap_or_default();
        let open = !matches!(case.state.as_str(), "closed" | "decided");
        let (due, due_class) = if open { row::due(&case, format::day_of(now, &zone)) } else { (String::new(), "") };
        let received = format::date_time(instant(case.received_at.as_ref()), &zone);
        let mut decisions: Vec<DecisionView> =
            carried(decisions).into_iter().rev().map(|decision| DecisionView::new(decision, now, &zone)).collect();
        let earlier = if decisions.is_empty() { Vec::new() } else { decisions.split_off(1) };
        let urgent = matches!(case.priority.as_str(), "high" | "urgent");
        let channel = format::channel(&case.channel);
        Self {
            referral: Referral::of(&case.state, &case.outcome, notices.as_deref()),
            clocks: clocks(&case.service_due_on, &case.legal_due_on, &procedure),
            summary: format!("Reçu le {received} ({})", channel.to_lowercase()),
            state: format::state(&case.state).to_owned(),
            tone: format::state_tone(&case.state),
            outcome: format::outcome(&case.outcome).to_owned(),
            priority: if urgent { format::priority(&case.priority).to_owned() } else { String::new() },
            priority_tone: if case.priority == "urgent" { "urgent" } else { "high" },
            files: files(&case.reference, &detail.attachments),
            notices: notice_views(notices.unwrap_or_default(), &case.reference, &zone),
            reference: case.reference,
            title: case.title,
            unit: case.unit_name,
            agent: case.agent_name,
            due,
            due_class,
            text: format::paragraphs(&detail.text),
            answers: answers(detail.answers),
            missing: detail.missing_documents,
            place: [detail.address, detail.district]
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            name: requester::name(&who),
            contact_mode: format::contact_mode(&who.contact_mode).to_owned(),
            organisation: organisation(&who.siret),
            phone_link: phone_link(&who.phone),
            phone: who.phone,
            email: who.email,
            postal_address: format::paragraphs(&who.postal_address),
            acted_by: acted_by(&detail.acted_by_name, &detail.acted_by_basis),
            messages: messages(detail.messages, now, &zone),
            history: history(detail.history, now, &zone),
            last_decision: decisions.pop(),
            earlier_decisions: earlier,
            sees_rules: sees_rules(desk),
        }
    }
}

/// The number of an organization, with what it is called.
fn organisation(number: &str) -> String {
    let read = typed::organisation::Number::read(number).map(|number| number.shown());
    read.map_or_else(|| number.to_owned(), |(name, shown)| format!("{name} {shown}"))
}

pub(super) fn clocks(service: &str, legal: &str, procedure: &parvis_proto::common::ProcedureSnapshot) -> Vec<Fact> {
    let mut clocks = Vec::new();
    if !service.is_empty() {
        clocks.push(Fact {
            label: "Engagement de la mairie".to_owned(),
            value: format!("répondre au plus tard le {}", format::iso_day(service)),
        });
    }
    if !legal.is_empty() {
        let meaning = match procedure.silence.as_str() {
            "accept" => "le silence vaudra acceptation",
            "reject" => "le silence vaudra refus",
            _ => "décision implicite",
        };
        clocks.push(Fact {
            label: "Échéance légale".to_owned(),
            value: format!("{} : {meaning}", format::iso_day(legal)),
        });
    }
    clocks
}

fn files(reference: &str, attachments: &[parvis_proto::common::AttachmentRef]) -> Vec<FileView> {
    let about = |size: u64, document: &str| match document {
        "" => format::bytes(size),
        document => format!("{}, {}", format::skill(document), format::bytes(size)),
    };
    attachments
        .iter()
        .map(|file| FileView {
            href: format!("/agent/dossiers/{reference}/pieces/{}", file.id),
            about: about(file.size, &file.document),
            name: file.file_name.clone(),
        })
        .collect()
}

fn answers(answers: Vec<parvis_proto::common::Answer>) -> Vec<Fact> {
    answers
        .into_iter()
        .map(|answer| Fact {
            value: if answer.display.is_empty() { answer.values.join(", ") } else { answer.display.join(", ") },
            label: answer.label,
        })
        .collect()
}

fn acted_by(name: &str, basis: &str) -> String {
    let how = match basis {
        "in_person" => "la personne était là",
        "phone" => "au téléphone",
        "mail" => "d'après son courrier",
        "mandate" => "avec un mandat",
        _ => "",
    };
    match (name, how) {
        ("", _) => String::new(),
        (name, "") => format!("Enregistré par {name}"),
        (name, how) => format!("Enregistré par {name}, {how}"),
    }
}

fn messages(messages: Vec<Message>, now: Timestamp, zone: &TimeZone) -> Vec<MessageView> {
    messages
        .into_iter()
        .map(|message| {
            let (class, author) = match message.direction.as_str() {
                "note" => ("message-note", format!("{} (note interne)", message.author)),
                "from_citizen" if message.for_person => ("", format!("Usager, noté par {}", message.author)),
                "from_citizen" => {
                    ("", format!("{} (usager)", if message.author.is_empty() { "Usager" } else { &message.author }))
                }
                _ => ("message-mine", message.author),
            };
            MessageView {
                class,
                author: author.replace("Usager (usager)", "Usager"),
                when: format::relative(instant(message.at.as_ref()), now, zone),
                text: format::paragraphs(&message.text),
            }
        })
        .collect()
}

fn history(lines: Vec<HistoryLine>, now: Timestamp, zone: &TimeZone) -> Vec<HistoryView> {
    lines
        .into_iter()
        .rev()
        .map(|line| {
            let at = instant(line.at.as_ref());
            HistoryView {
                kind: format::history_kind(&line.kind).to_owned(),
                detail: line.detail,
                actor: line.actor_name,
                datetime: format::time_tag(at),
                when: format::relative(at, now, zone),
            }
        })
        .collect()
}

fn notice_views(notices: Vec<Notice>, reference: &str, zone: &TimeZone) -> Vec<NoticeView> {
    notices
        .into_iter()
        .map(|notice| {
            let when = format::date_time(instant(notice.done_at.as_ref().or(notice.created_at.as_ref())), zone);
            let way = format::notice_way(&notice.mode);
            NoticeView {
                kind: format::notice_kind(&notice.kind).to_owned(),
                how: format!("{} {way}, {when}", format::notice_state(&notice.state)),
                failed: notice.state == "failed",
                resend: ResendView::of(&notice, reference),
            }
        })
        .collect()
}
