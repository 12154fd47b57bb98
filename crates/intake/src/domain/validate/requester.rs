//! Who asks. No more may be demanded than identifies them (CRPA R112-9-1): names, or the organization's; and what the
//! chosen contact mode needs.

use parvis_kernel::{ContactMode, FieldViolation, Reason, email::is_email, reason::Expected, text::excerpt};
use parvis_proto::common::Requester;

use super::{
    Violations,
    formats::{is_language, is_phone, is_siret},
};
use crate::domain::procedure::Procedure;

/// Checks and tidies it.
pub(super) fn check(
    given: Option<&Requester>,
    procedure: Option<&Procedure>,
    found: &mut Violations,
) -> (Requester, ContactMode) {
    let given = given.cloned().unwrap_or_default();
    let mut line = |name: &str, text: &str, max| found.text(&format!("requester.{name}"), text.trim(), max, false);
    let mut tidy = Requester {
        kind: given.kind.trim().to_owned(),
        first_name: line("first_name", &given.first_name, 100),
        last_name: line("last_name", &given.last_name, 100),
        organization_name: line("organization_name", &given.organization_name, 200),
        siret: line("siret", &given.siret, 40).split_whitespace().collect(),
        email: line("email", &given.email, 254),
        phone: line("phone", &given.phone, 40),
        postal_address: String::new(),
        contact_mode: given.contact_mode.trim().to_owned(),
        language: line("language", &given.language, 35),
    };
    tidy.postal_address = found.text("requester.postal_address", given.postal_address.trim(), 500, true);
    formats(&mut tidy, found);
    kind(&mut tidy, procedure, &given, found);
    let mode = contact_mode(&mut tidy, &given, found);
    (tidy, mode)
}

fn formats(it: &mut Requester, found: &mut Violations) {
    if !it.siret.is_empty() && !is_siret(&it.siret) {
        found.add("requester.siret", Expected::Siret, "not a SIRET: 14 digits, one of them is mistyped or missing");
    }
    if !it.email.is_empty() && !is_email(&it.email) {
        found.add("requester.email", Expected::Email, "not an e-mail address; it looks like prenom.nom@exemple.fr");
    }
    if !it.phone.is_empty() && !is_phone(&it.phone) {
        found.add(
            "requester.phone",
            Expected::Phone,
            "not a telephone number; it looks like 06 12 34 56 78 or +33 6 12 34 56 78",
        );
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
        it.kind = if !given.organization_name.trim().is_empty() || !given.siret.trim().is_empty() {
            "organization"
        } else if !given.first_name.trim().is_empty() || !given.last_name.trim().is_empty() {
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
            for (name, value) in [("first_name", &given.first_name), ("last_name", &given.last_name)] {
                if value.trim().is_empty() {
                    found.add(
                        format!("requester.{name}"),
                        Reason::Required,
                        "a person gives first and last name; fill it in",
                    );
                }
            }
        }
        "organization" => {
            if given.organization_name.trim().is_empty() {
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
                if !value.trim().is_empty() {
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
        && value.trim().is_empty()
    {
        let reason = Reason::RequiredForMode { mode: mode.as_str().into() };
        let why = format!("needed to answer by {mode}; fill it in or choose another mode");
        found.add(format!("requester.{name}"), reason, why);
    }
    mode
}
