//! Who asks. No more may be demanded than identifies them (CRPA R112-9-1): names, or the organization's; and what the
//! chosen contact mode needs.

use parvis_kernel::{
    ContactMode, FieldViolation, Reason,
    reason::Expected,
    text::excerpt,
    typed::{Lines, email, organisation, phone, tidy::is_blank},
};
use parvis_proto::common::Requester;

use super::{Violations, formats::is_language};
use crate::domain::procedure::Procedure;

/// Checks and tidies it.
pub(super) fn check(
    given: Option<&Requester>,
    procedure: Option<&Procedure>,
    found: &mut Violations,
) -> (Requester, ContactMode) {
    let given = given.cloned().unwrap_or_default();
    let mut line = |name: &str, text: &str, max| found.text(&format!("requester.{name}"), text, max, Lines::One);
    let mut tidy = Requester {
        kind: given.kind.trim().to_owned(),
        first_name: line("first_name", &given.first_name, 100),
        last_name: line("last_name", &given.last_name, 100),
        organization_name: line("organization_name", &given.organization_name, 200),
        siret: line("siret", &given.siret, 60),
        email: line("email", &given.email, 254),
        phone: line("phone", &given.phone, 60),
        postal_address: String::new(),
        contact_mode: given.contact_mode.trim().to_owned(),
        language: line("language", &given.language, 35),
    };
    tidy.postal_address = found.text("requester.postal_address", &given.postal_address, 500, Lines::Many);
    formats(&mut tidy, found);
    kind(&mut tidy, procedure, &given, found);
    let mode = contact_mode(&mut tidy, &given, found);
    (tidy, mode)
}

fn formats(it: &mut Requester, found: &mut Violations) {
    if !it.siret.is_empty() {
        match organisation::Number::read(&it.siret) {
            Some(number) => number.as_str().clone_into(&mut it.siret),
            None => found.add(
                "requester.siret",
                Expected::Organisation,
                "not a SIRET (14 digits), a SIREN (9 digits) or an RNA number (W and 9 digits): a digit is mistyped",
            ),
        }
    }
    if !it.email.is_empty() {
        match email::read(&it.email) {
            Some(address) => it.email = address,
            None => {
                let why = "not an e-mail address; it looks like prenom.nom@exemple.fr";
                found.add("requester.email", Expected::Email, why);
            }
        }
    }
    if !it.phone.is_empty()
        && let Err(fault) = phone::read(&it.phone)
    {
        found.add("requester.phone", fault.reason(), fault.message());
    }
    if it.language.is_empty() {
        it.language = "fr".to_owned();
    } else if !is_language(&it.language) {
        found.add(
            "requester.language",
            Expected::Language,
            format!("« {} » is not a language tag such as fr or en", excerpt(&it.language, 40)),
        );
    }
}

/// Checks the kind, deduced where it is not said, against the names. `given` tells a missing name from a refused one.
fn kind(it: &mut Requester, procedure: Option<&Procedure>, given: &Requester, found: &mut Violations) {
    if it.kind.is_empty() {
        it.kind = if !is_blank(&given.organization_name) || !is_blank(&given.siret) {
            "organization"
        } else if !is_blank(&given.first_name) || !is_blank(&given.last_name) {
            "person"
        } else {
            "anonymous"
        }
        .to_owned();
    }
    // A free text may come from anybody: what needs a name is a procedure.
    let anonymous_allowed = procedure.is_none_or(|procedure| procedure.content.anonymous);
    match it.kind.as_str() {
        "person" => {
            // Many people have one name only.
            if is_blank(&given.first_name) && is_blank(&given.last_name) {
                found.add("requester.last_name", Reason::Required, "a person gives a name; fill it in");
            }
        }
        "organization" => {
            if is_blank(&given.organization_name) {
                found.add(
                    "requester.organization_name",
                    Reason::Required,
                    "an organization gives its name; fill it in",
                );
            }
        }
        "anonymous" if !anonymous_allowed => {
            found.add(
                "requester.kind",
                Reason::NameNeeded,
                "this procedure needs a name; use person or organization and give it",
            );
        }
        "anonymous" => {
            let named = [
                ("first_name", &given.first_name),
                ("last_name", &given.last_name),
                ("organization_name", &given.organization_name),
                ("siret", &given.siret),
            ];
            for (name, value) in named {
                if !is_blank(value) {
                    found.add(
                        format!("requester.{name}"),
                        Reason::ConflictsWith { other: "requester.kind".into() },
                        "an anonymous request carries no name; leave it empty",
                    );
                }
            }
        }
        other => {
            let known = ["person", "organization", "anonymous"];
            found.push(FieldViolation::not_one_of("requester.kind", other, &known));
        }
    }
}

fn contact_mode(it: &mut Requester, given: &Requester, found: &mut Violations) -> ContactMode {
    if it.contact_mode.is_empty() {
        let mode = if it.email.is_empty() { ContactMode::Portal } else { ContactMode::Email };
        it.contact_mode = mode.to_string();
        return mode;
    }
    let Ok(mode) = it.contact_mode.parse::<ContactMode>() else {
        let known: Vec<_> = ContactMode::ALL.iter().map(|mode| mode.as_str()).collect();
        found.push(FieldViolation::not_one_of("requester.contact_mode", &it.contact_mode, &known));
        return ContactMode::Portal;
    };
    let needed = match mode {
        ContactMode::Email => Some(("email", &given.email)),
        ContactMode::Phone | ContactMode::Sms => Some(("phone", &given.phone)),
        ContactMode::Letter => Some(("postal_address", &given.postal_address)),
        ContactMode::Portal => None,
    };
    if let Some((name, value)) = needed
        && is_blank(value)
    {
        let reason = Reason::RequiredForMode { mode: mode.as_str().into() };
        let why = format!("needed to answer by {mode}; fill it in or choose another mode");
        found.add(format!("requester.{name}"), reason, why);
    }
    mode
}
