//! What may be done with a case: one form a verb, only those that casework allows.

use parvis_proto::{
    casework::CaseDetail,
    routing::{Directory, ListAgentsResponse, ListDecisionsResponse},
};

use crate::pages::{
    field::{Choice, Field, Input},
    format,
    page::Desk,
    values::{Errors, Values},
};

/// Names of the fields of every form of the page.
pub const NAMES: [&str; 10] = [
    "message.texte",
    "message.attendre",
    "note.texte",
    "usager.texte",
    "transmettre.a",
    "transmettre.motif",
    "clore.issue",
    "clore.message",
    "clore.motifs",
    "rouvrir.motif",
];
/// Characters of a message at most.
const MAX_MESSAGE: u32 = 10_000;
/// Characters of a reason at most.
const MAX_REASON: u32 = 500;

/// A form, folded until it is used.
pub struct Form {
    /// Its fields.
    pub fields: Vec<Field>,
    /// Whether it is unfolded: something was typed in it, or is wrong.
    pub open: bool,
}

impl Form {
    fn new(fields: Vec<Field>) -> Self {
        let open = fields.iter().any(|field| !field.error.is_empty() || !field.value.is_empty());
        Self { fields, open }
    }
}

/// The forms.
pub struct Forms {
    /// The case's version, as shown.
    pub version: u64,
    /// The live decision, as shown.
    pub decision: String,
    /// Take it from the queue.
    pub take: bool,
    /// Send it where the classifier proposes.
    pub guesses: bool,
    /// Begin.
    pub start: bool,
    /// Write to the citizen.
    pub message: Option<Form>,
    /// Write for colleagues.
    pub note: Option<Form>,
    /// Write down what the person says.
    pub for_person: Option<Form>,
    /// One message a form, however often it is sent.
    pub key: String,
    /// Whether it may be handed on.
    pub moves: bool,
    /// Hand it on; absent where the directory does not answer.
    pub transfer: Option<Form>,
    /// End it.
    pub close: Option<Form>,
    /// Open it again.
    pub reopen: Option<Form>,
}

impl Forms {
    /// Those that `detail` allows, with what was typed.
    pub fn new(
        desk: &Desk,
        detail: &CaseDetail,
        decisions: &ListDecisionsResponse,
        directory: Option<Directory>,
        agents: Option<ListAgentsResponse>,
        values: &Values,
        errors: &Errors,
    ) -> Self {
        let case = detail.case.clone().unwrap_or_default();
        let may = |verb: &str| detail.allowed.iter().any(|allowed| allowed == verb);
        let fill = |field: Field| field.fill(values, errors);
        let moves = may("reassign");
        let targets =
            directory.map(|directory| targets(desk, &case.unit, &case.agent, directory, agents.unwrap_or_default()));
        Self {
            version: case.version,
            decision: decisions.decisions.last().map(|decision| decision.id.clone()).unwrap_or_default(),
            take: moves && case.agent.is_empty(),
            guesses: moves,
            start: may("start"),
            message: may("message").then(|| {
                let text = Field::new("message.texte", "Message à l'usager", Input::Area(6)).max_length(MAX_MESSAGE);
                let text = text.hint("Il le reçoit par le mode qu'il a choisi, et le lit sur sa page de suivi.");
                let mut fields = vec![fill(text)];
                if may("wait") {
                    let wait =
                        Field::new("message.attendre", "Mettre le dossier en attente de sa réponse", Input::Tick);
                    fields.push(fill(wait.depends()));
                }
                Form::new(fields)
            }),
            note: may("note").then(|| {
                let text = Field::new("note.texte", "Note interne", Input::Area(4)).max_length(MAX_MESSAGE);
                Form::new(vec![fill(text.hint("Seuls les agents la lisent."))])
            }),
            for_person: may("for_person").then(|| for_person(values, errors)),
            key: match values.first("cle") {
                "" => desk.page.form_key(),
                sent => sent.to_owned(),
            },
            moves,
            transfer: targets.filter(|_| moves).map(|targets| {
                let mut all = vec![Choice::new("", "Choisissez…")];
                all.extend(targets);
                let to = Field::new("transmettre.a", "Transmettre à", Input::Select).choices(all);
                let why = Field::new("transmettre.motif", "Pourquoi", Input::Area(2)).max_length(MAX_REASON);
                Form::new(vec![fill(to), fill(why.hint("Le motif est gardé avec la décision."))])
            }),
            close: may("close").then(|| close(&fill)),
            reopen: may("reopen").then(|| {
                let why =
                    Field::new("rouvrir.motif", "Pourquoi rouvrir ce dossier", Input::Area(2)).max_length(MAX_REASON);
                Form::new(vec![fill(why)])
            }),
        }
    }

    /// Whether nothing may be done.
    pub fn none(&self) -> bool {
        !self.take
            && !self.start
            && !self.moves
            && [&self.message, &self.note, &self.for_person, &self.close, &self.reopen]
                .iter()
                .all(|form| form.is_none())
    }
}

/// What the person says at the counter or on the telephone.
pub fn for_person(values: &Values, errors: &Errors) -> Form {
    let text = Field::new("usager.texte", "Ce que dit l'usager", Input::Area(4)).max_length(MAX_MESSAGE);
    let hint =
        "Le service le reçoit comme un message de l'usager, avec votre nom. L'usager le voit sur sa page de suivi.";
    Form::new(vec![text.hint(hint).fill(values, errors)])
}

fn close(fill: &impl Fn(Field) -> Field) -> Form {
    let outcomes = ["answered", "granted", "rejected", "transferred_out", "closed_without_action"];
    let choice = |code| match code {
        "transferred_out" => Choice {
            hint: "Vous transmettez vous-même la demande à l'organisme : une page à imprimer est proposée ensuite."
                .to_owned(),
            ..Choice::new(code, format::outcome(code))
        },
        _ => Choice::new(code, format::outcome(code)),
    };
    let outcomes = outcomes.map(choice).into();
    let outcome = Field::new("clore.issue", "Issue", Input::Radios(false)).choices(outcomes);
    let message = Field::new("clore.message", "Ce qui est dit à l'usager", Input::Area(6))
        .depends()
        .max_length(MAX_MESSAGE)
        .hint("Obligatoire, sauf pour un classement sans suite.");
    let grounds = Field::new("clore.motifs", "Motifs du refus", Input::Area(3))
        .depends()
        .max_length(MAX_MESSAGE)
        .hint("Obligatoires pour un refus : la règle appliquée et les faits.");
    Form::new(vec![fill(outcome), fill(message), fill(grounds)])
}

/// Services, teams and colleagues to whom the case may be handed, where it already is left out.
fn targets(desk: &Desk, unit: &str, agent: &str, directory: Directory, agents: ListAgentsResponse) -> Vec<Choice> {
    let mut all = Vec::new();
    let choice = |value: String, label: String, group: &str| Choice {
        value,
        label,
        hint: String::new(),
        group: group.to_owned(),
    };
    for colleague in agents.agents {
        // Those who receive nothing at all (elected officials, administrators) are not offered.
        if colleague.code == agent || colleague.capacity == 0 {
            continue;
        }
        let myself = if colleague.code == desk.code() { " (moi)" } else { "" };
        let state = match (colleague.may_receive, colleague.presence.as_str()) {
            (true, _) => format!("{} sur {}", colleague.load, colleague.capacity),
            (false, "away") => "absent".to_owned(),
            (false, _) if !colleague.working_now => "hors de ses horaires".to_owned(),
            (false, _) => "au complet".to_owned(),
        };
        let label = format!("{} {}{myself} – {state}", colleague.first_name, colleague.last_name);
        all.push(choice(format!("agent:{}", colleague.code), label, "Collègues"));
    }
    for team in directory.teams {
        all.push(choice(format!("team:{}", team.code), team.name, "Équipes"));
    }
    for other in directory.units {
        if other.code != unit || !agent.is_empty() {
            all.push(choice(format!("unit:{}", other.code), other.name, "Services"));
        }
    }
    all
}
