//! Who asks and how to answer them: the fields, and what they become.

use parvis_kernel::{
    Reason,
    reason::Expected,
    typed::{email, organisation, phone, tidy::is_blank},
};
use parvis_proto::{common::Requester, intake::Procedure};

use super::{
    field::{Choice, Field, Input},
    format,
    values::{Errors, Values},
};
use crate::sentences;

/// Names of the fields, in order.
pub const NAMES: [&str; 9] = [
    "requester.kind",
    "requester.first_name",
    "requester.last_name",
    "requester.organization_name",
    "requester.siret",
    "requester.contact_mode",
    "requester.email",
    "requester.phone",
    "requester.postal_address",
];

/// The fields in the groups a page shows.
pub struct RequesterFields {
    /// Person, organization, or nobody; absent where there is nothing to choose.
    pub kind: Option<Field>,
    /// First and last name.
    pub names: Vec<Field>,
    /// Name and number of the organization; empty for what only people ask.
    pub organization: Vec<Field>,
    /// How to answer.
    pub mode: Field,
    /// Where to answer.
    pub contacts: Vec<Field>,
}

/// Whom a procedure is for; a free text is for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// People.
    pub person: bool,
    /// Companies, associations.
    pub organization: bool,
    /// Without a name.
    pub anonymous: bool,
}

impl Audience {
    /// Of a procedure, or of a free text.
    pub fn of(procedure: Option<&Procedure>) -> Self {
        let Some(procedure) = procedure else { return Self { person: true, organization: true, anonymous: true } };
        let says = |word: &str| procedure.audience.iter().any(|audience| audience == word);
        let organization = says("organization");
        Self { person: says("person") || !organization, organization, anonymous: procedure.anonymous }
    }

    fn only(self) -> Option<&'static str> {
        match self {
            Self { person: true, organization: false, anonymous: false } => Some("person"),
            Self { person: false, organization: true, anonymous: false } => Some("organization"),
            _ => None,
        }
    }
}

/// The fields; `by_agent`: an agent fills them in for somebody.
pub fn fields(audience: Audience, by_agent: bool, values: &Values, errors: &Errors) -> RequesterFields {
    let fill = |field: Field| field.fill(values, errors);
    let auto = |what: &'static str| if by_agent { "off" } else { what };
    let line = |name: &str, label: &str, kind, what| {
        Field::new(name, label, Input::Line(kind)).depends().autocomplete(auto(what))
    };
    let asked = |citizen: &'static str, agent: &'static str| if by_agent { agent } else { citizen };
    let kind = audience.only().is_none().then(|| {
        let mut choices = vec![Choice::new("person", asked("Un particulier", "Particulier"))];
        if audience.organization {
            choices
                .push(Choice::new("organization", asked("Une association, une entreprise, un organisme", "Organisme")));
        }
        if audience.anonymous {
            choices.push(Choice::new("anonymous", asked("Je ne donne pas mon nom", "Sans nom")));
        }
        let mut field =
            Field::new("requester.kind", asked("Vous êtes", "Qui demande"), Input::Radios(by_agent)).choices(choices);
        field.value = "person".to_owned();
        fill(field)
    });
    let person_only = audience.only() == Some("person");
    let names = [("requester.first_name", "Prénom", "given-name"), ("requester.last_name", "Nom", "family-name")];
    let names = names.into_iter().map(|(name, label, what)| {
        let mut field = line(name, label, "text", what).no_spelling();
        if name == "requester.last_name" {
            let hint =
                asked("Si vous n’avez qu’un seul nom, écrivez-le ici.", "Qui n’a qu’un seul nom : l’écrire ici.");
            field = field.hint(hint);
        }
        field.required = person_only && name == "requester.last_name";
        field.says_optional = audience.only() == Some("organization");
        fill(field)
    });
    let mut organization = Vec::new();
    if audience.organization {
        let mut name = line("requester.organization_name", "Nom de l'organisme", "text", "organization").no_spelling();
        name.required = audience.only() == Some("organization");
        organization.push(fill(name));
        let siret = line("requester.siret", "Numéro SIRET, SIREN ou RNA", "text", "off").optional().no_spelling();
        let hint = "14 ou 9 chiffres ; pour une association, W et 9 chiffres. Laissez vide si vous n’en avez pas.";
        organization.push(fill(siret.hint(hint)));
    }
    let contacts = [
        fill(
            line("requester.email", "Adresse électronique", "email", "email")
                .no_spelling()
                .hint("Exemple : prenom.nom@exemple.fr"),
        ),
        fill(line("requester.phone", "Numéro de téléphone", "tel", "tel").hint("Exemple : 06 12 34 56 78")),
        fill(
            Field::new("requester.postal_address", "Adresse postale", Input::Area(3))
                .depends()
                .autocomplete(auto("street-address"))
                .hint("Numéro, rue, code postal et commune."),
        ),
    ];
    RequesterFields {
        kind,
        names: names.collect(),
        organization,
        mode: mode(by_agent, values, errors),
        contacts: contacts.into(),
    }
}

fn mode(by_agent: bool, values: &Values, errors: &Errors) -> Field {
    let choices = vec![
        Choice::new("email", format::contact_mode("email")),
        Choice::new("phone", format::contact_mode("phone")),
        Choice::new("letter", format::contact_mode("letter")),
        Choice::new("portal", format::contact_mode("portal")).hint(if by_agent {
            ""
        } else {
            "Vous viendrez lire la réponse ici, avec votre code."
        }),
    ];
    let label = if by_agent { "Comment lui répondre" } else { "Comment voulez-vous recevoir notre réponse ?" };
    let mut field = Field::new("requester.contact_mode", label, Input::Radios(true)).choices(choices);
    if by_agent {
        field = field.hint("Demandez-le : beaucoup de personnes n'ont pas de courriel ou ne l'ouvrent pas.");
    }
    field.fill(values, errors)
}

/// What the fields say.
pub fn read(audience: Audience, values: &Values) -> Requester {
    let text = |name: &str| values.first(name).to_owned();
    let kind = match audience.only() {
        Some(only) => only.to_owned(),
        None => text("requester.kind"),
    };
    let names = kind != "anonymous";
    let named = |name: &str| if names { text(name) } else { String::new() };
    let organization = kind == "organization";
    Requester {
        first_name: named("requester.first_name"),
        last_name: named("requester.last_name"),
        organization_name: if organization { text("requester.organization_name") } else { String::new() },
        siret: if organization { text("requester.siret") } else { String::new() },
        email: text("requester.email"),
        phone: text("requester.phone"),
        postal_address: text("requester.postal_address"),
        contact_mode: text("requester.contact_mode"),
        language: String::new(),
        kind,
    }
}

/// Says at once every contact left out (the name of who asks, how to answer, and where) and what is no e-mail address.
pub fn missing(audience: Audience, values: &Values, errors: &mut Errors) {
    let who = read(audience, values);
    let mut need = |value: &str, name: &str, reason: Reason| {
        if is_blank(value) {
            errors.add(name, sentences::of_reason(name, &reason));
        }
    };
    match who.kind.as_str() {
        // Many people have one name only.
        "person" if is_blank(&who.first_name) => need(&who.last_name, "requester.last_name", Reason::Required),
        "organization" => need(&who.organization_name, "requester.organization_name", Reason::Required),
        _ => {}
    }
    let mode = || Reason::RequiredForMode { mode: who.contact_mode.as_str().into() };
    match who.contact_mode.as_str() {
        "" => need("", "requester.contact_mode", Reason::Required),
        "email" => need(&who.email, "requester.email", mode()),
        "phone" | "sms" => need(&who.phone, "requester.phone", mode()),
        "letter" => need(&who.postal_address, "requester.postal_address", mode()),
        _ => {}
    }
    let mut wrong = |name: &str, reason: Reason| errors.add(name, sentences::of_reason(name, &reason));
    if !is_blank(&who.email) && email::read(&who.email).is_none() {
        wrong("requester.email", Expected::Email.into());
    }
    if !is_blank(&who.phone)
        && let Err(fault) = phone::read(&who.phone)
    {
        wrong("requester.phone", fault.reason());
    }
    if !is_blank(&who.siret) && organisation::Number::read(&who.siret).is_none() {
        wrong("requester.siret", Expected::Organisation.into());
    }
}

/// Puts somebody already known into the form.
pub fn put(values: &mut Values, known: &Requester) {
    let pairs = [
        &known.kind,
        &known.first_name,
        &known.last_name,
        &known.organization_name,
        &known.siret,
        &known.contact_mode,
        &known.email,
        &known.phone,
        &known.postal_address,
    ];
    for (name, value) in NAMES.into_iter().zip(pairs) {
        values.set(name, value.clone());
    }
}

/// How somebody is named in a list.
pub fn name(requester: &Requester) -> String {
    let person = format!("{} {}", requester.first_name, requester.last_name).trim().to_owned();
    match (requester.organization_name.trim(), person.as_str()) {
        ("", "") => "Sans nom".to_owned(),
        ("", _) => person,
        (organization, "") => organization.to_owned(),
        (organization, _) => format!("{organization} ({person})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_procedure_for_people_only_asks_no_kind() {
        let procedure = Procedure { audience: vec!["person".into()], ..Procedure::default() };
        let audience = Audience::of(Some(&procedure));
        let fields = fields(audience, false, &Values::default(), &Errors::default());
        assert!(fields.kind.is_none() && fields.organization.is_empty());
        let required: Vec<bool> = fields.names.iter().map(|field| field.required).collect();
        assert_eq!(required, [false, true], "many people have one name only");
        assert_eq!(read(audience, &Values::default()).kind, "person");
    }

    #[test]
    fn whoever_gives_no_name_sends_none() {
        let audience = Audience::of(None);
        let values = Values(vec![
            ("requester.kind".into(), "anonymous".into()),
            ("requester.last_name".into(), "Martin".into()),
            ("requester.siret".into(), "123".into()),
        ]);
        let read = read(audience, &values);
        assert!(read.last_name.is_empty() && read.siret.is_empty());
    }

    #[test]
    fn all_that_is_missing_or_cannot_be_is_said_at_once() {
        let mut errors = Errors::default();
        let values = Values(vec![("requester.kind".into(), "person".into())]);
        missing(Audience::of(None), &values, &mut errors);
        assert_eq!(errors.lines(&[]).len(), 2);
        let mut one_name = Errors::default();
        let named = |field: &str, name: &str| {
            Values(vec![("requester.kind".into(), "person".into()), (field.into(), name.into())])
        };
        missing(Audience::of(None), &named("requester.first_name", "Sukarno"), &mut one_name);
        missing(Audience::of(None), &named("requester.last_name", "Sukarno"), &mut one_name);
        assert!(one_name.of("requester.last_name").is_empty());
        missing(Audience::of(None), &named("requester.last_name", "\u{200b}"), &mut one_name);
        assert!(!one_name.of("requester.last_name").is_empty());
        let eleven = Values(vec![("requester.phone".into(), "06 12 34 56 78 9".into())]);
        missing(Audience::of(None), &eleven, &mut one_name);
        assert!(one_name.of("requester.phone").contains("10 chiffres"));
        assert!(errors.of("requester.email").is_empty());
        missing(Audience::of(None), &Values(vec![("requester.email".into(), "claire@".into())]), &mut errors);
        assert!(errors.of("requester.email").starts_with("Cette adresse"));
        let mut errors = Errors::default();
        let values = Values(vec![
            ("requester.kind".into(), "anonymous".into()),
            ("requester.contact_mode".into(), "letter".into()),
        ]);
        missing(Audience::of(None), &values, &mut errors);
        assert!(errors.of("requester.postal_address").contains("adresse postale"));
    }

    #[test]
    fn somebody_known_fills_the_form() {
        let mut values = Values::default();
        let known = Requester { last_name: "Martin".into(), postal_address: "1 rue".into(), ..Requester::default() };
        put(&mut values, &known);
        assert_eq!(values.first("requester.last_name"), "Martin");
        assert_eq!(values.first("requester.postal_address"), "1 rue");
    }

    #[test]
    fn names_for_a_list() {
        let mut who = Requester { first_name: "Claire".into(), last_name: "Martin".into(), ..Requester::default() };
        assert_eq!(name(&who), "Claire Martin");
        who.organization_name = "Les Amis du port".into();
        assert_eq!(name(&who), "Les Amis du port (Claire Martin)");
        assert_eq!(name(&Requester::default()), "Sans nom");
    }
}
