//! `/admin/regles/brouillon/organismes`: to whom a request may be transferred.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Response,
};
use http::StatusCode;
use parvis_kernel::ErrorKind;
use parvis_proto::routing::{CompetentBody, Finding, RuleDraft};

use super::{Answer, DRAFT, done, draft_of, findings::body_of, keep, names::code_from, not_done, number_in};
use crate::{
    csrf::CsrfFields,
    pages::{
        admin::{ADMINISTRATORS, frame},
        field::{Field, Input},
        page::{Desk, show as render, show_with},
        shell::{Link, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
};

const BODIES: &str = "/admin/regles/brouillon/organismes";
const GONE: &str = "Cet organisme n'est plus dans le brouillon. Ce que vous avez écrit est resté ci-dessous : enregistrez \
                    pour l'ajouter à nouveau.";
const NAMES: [&str; 5] = ["nom", "adresse", "telephone", "courriel", "site"];

struct Row {
    number: usize,
    name: String,
    contact: String,
    /// What is wrong with it.
    error: String,
    /// How many rules propose it.
    rules: usize,
}

#[derive(Template)]
#[template(path = "admin/rule_bodies.html")]
struct BodiesPage {
    shell: Shell,
    tabs: Vec<Link>,
    rows: Vec<Row>,
    /// National ones, without those that the draft describes.
    known: Vec<CompetentBody>,
}

#[derive(Template)]
#[template(path = "admin/rule_body.html")]
struct BodyPage {
    shell: Shell,
    tabs: Vec<Link>,
    errors: Vec<ErrorLine>,
    address: String,
    code: String,
    fields: Vec<Field>,
    /// Rules that propose it: it may not be taken away before.
    rules: usize,
    revision: u64,
}

/// Those known.
pub(super) async fn list(desk: Desk) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let bodies = draft.text.as_ref().map_or(&[][..], |text| &text.bodies);
    let row = |(at, body): (usize, &CompetentBody)| {
        let contact = [&body.address, &body.phone, &body.email, &body.website];
        Row {
            number: at + 1,
            name: body.name.clone(),
            contact: contact.into_iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join(" · "),
            error: errors_of(&draft.findings, at + 1).into_iter().map(|it| it.message).collect::<Vec<_>>().join(" "),
            rules: uses(&draft, &body.code),
        }
    };
    let mut known = draft.known_bodies.clone();
    known.retain(|body| !bodies.iter().any(|own| own.code == body.code));
    let rows = bodies.iter().enumerate().map(row).collect();
    let (shell, tabs) = frame(&desk, "Organismes compétents").await;
    let shell = shell.under(&[("/admin", "Organisation"), ("/admin/regles", "Règles"), (DRAFT, "Brouillon")]);
    render(&BodiesPage { shell, tabs, rows, known })
}

/// What a new one is made from.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    /// The code of a national one; empty for another.
    national: String,
}

/// One, as a form.
pub(super) async fn show(desk: Desk, Path(address): Path<String>, Query(chosen): Query<Chosen>) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let bodies = draft.text.as_ref().map_or(&[][..], |text| &text.bodies);
    let number = number_in(&address, bodies.len())?;
    let body = match number {
        Some(number) => bodies.get(number - 1),
        None => draft.known_bodies.iter().find(|known| known.code == chosen.national),
    };
    let body = body.cloned().unwrap_or_default();
    let mut errors = Errors::default();
    for finding in errors_of(&draft.findings, number.unwrap_or(0)) {
        // The only error besides the name's and the code's: nowhere to be reached.
        let field = if finding.field.ends_with(".name") { "nom" } else { "adresse" };
        errors.add(field, finding.message);
    }
    form(&desk, &draft, number, body, &errors, StatusCode::OK).await
}

/// Keeps it in the draft, or takes it away.
pub(super) async fn save(desk: Desk, Path(address): Path<String>, fields: CsrfFields) -> Result<Response, Problem> {
    desk.require(&ADMINISTRATORS)?;
    let draft = draft_of(&desk).await?;
    let mut text = draft.text.clone().unwrap_or_default();
    let values = Values(fields.0);
    let said = |name: &str| values.first(name).to_owned();
    let mut body = CompetentBody {
        code: said("code"),
        name: said("nom"),
        email: said("courriel"),
        phone: said("telephone"),
        address: said("adresse"),
        website: said("site"),
    };
    let number = match number_in(&address, usize::MAX)? {
        None => None,
        Some(_) => match text.bodies.iter().position(|known| known.code == body.code) {
            Some(at) => Some(at + 1),
            None if values.first("action") == "retirer" => return done(BODIES, "regles-changees"),
            None => {
                let mut errors = Errors::default();
                errors.add("", GONE);
                return form(&desk, &draft, None, body, &errors, StatusCode::CONFLICT).await;
            }
        },
    };
    let revision = values.first("revision").parse().unwrap_or_default();
    let place = match number {
        Some(number) if values.first("action") == "retirer" => {
            text.bodies.remove(number - 1);
            0
        }
        Some(number) => {
            text.bodies[number - 1] = body.clone();
            number
        }
        None => {
            let among = |bodies: &[CompetentBody]| bodies.iter().any(|it| it.code == body.code);
            // A national one keeps its code: the town says how to reach it here.
            if !among(&draft.known_bodies) || among(&text.bodies) {
                body.code = code_from(&body.name, text.bodies.iter().map(|it| it.code.as_str()));
            }
            text.bodies.push(body.clone());
            text.bodies.len()
        }
    };
    match keep(&desk, text, revision, 0).await {
        Ok(kept) if place > 0 && !errors_of(&kept.findings, place).is_empty() => {
            done(&format!("{BODIES}/{place}"), "organisme-a-corriger")
        }
        Ok(_) => done(BODIES, "regles-enregistrees"),
        Err(error) if error.kind() == ErrorKind::Conflict => {
            let mut errors = Errors::default();
            let changed = "Le brouillon a changé pendant que vous aviez cet organisme sous les yeux. Ce que vous avez \
                           écrit est resté ci-dessous : relisez, puis enregistrez à nouveau.";
            errors.add("", changed);
            form(&desk, &draft, number, body, &errors, StatusCode::CONFLICT).await
        }
        Err(error) => not_done(error),
    }
}

/// What is wrong with one body, by its number.
fn errors_of(findings: &[Finding], number: usize) -> Vec<Finding> {
    findings.iter().filter(|it| body_of(it) == Some(number)).cloned().collect()
}

fn uses(draft: &RuleDraft, code: &str) -> usize {
    let rules = draft.text.as_ref().map_or(&[][..], |text| &text.rules);
    let proposes = |rule: &&parvis_proto::routing::RuleText| {
        rule.actions.iter().any(|action| action.kind == "transfer" && action.value == code)
    };
    rules.iter().filter(proposes).count()
}

async fn form(
    desk: &Desk,
    draft: &RuleDraft,
    number: Option<usize>,
    body: CompetentBody,
    errors: &Errors,
    status: StatusCode,
) -> Answer {
    let title = if number.is_none() { "Nouvel organisme" } else { &body.name };
    let (shell, tabs) = frame(desk, title).await;
    let lines = errors.lines(&NAMES);
    let way = [
        ("/admin", "Organisation"),
        ("/admin/regles", "Règles"),
        (DRAFT, "Brouillon"),
        (BODIES, "Organismes compétents"),
    ];
    let line = |name: &str, label: &str, kind: &'static str, value: &str| {
        let mut values = Values::default();
        values.set(name, value);
        Field::new(name, label, Input::Line(kind)).depends().max_length(200).fill(&values, errors)
    };
    let mut name = line("nom", "Nom", "text", &body.name);
    name.required = true;
    let fields = vec![
        name,
        line("adresse", "Adresse postale", "text", &body.address),
        line("telephone", "Téléphone", "tel", &body.phone),
        line("courriel", "Courriel", "email", &body.email).no_spelling(),
        line("site", "Site internet", "text", &body.website).no_spelling(),
    ];
    let page = BodyPage {
        shell: shell.under(&way).with_errors(lines.len()),
        tabs,
        errors: lines,
        address: number.map_or_else(|| "nouveau".to_owned(), |number| number.to_string()),
        rules: if number.is_some() { uses(draft, &body.code) } else { 0 },
        code: body.code,
        fields,
        revision: draft.revision,
    };
    show_with(status, &page)
}
