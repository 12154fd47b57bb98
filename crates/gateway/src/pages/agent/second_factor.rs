//! `/agent/seconde-verification`: sets up the codes of an authenticator, asked for at each sign-in from then on.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use parvis_kernel::{Error, ErrorKind, Reason};
use parvis_proto::identity::{BeginSecondFactorRequest, ConfirmSecondFactorRequest};
use qrcode::{Color, EcLevel, QrCode};

use crate::{
    csrf::CsrfFields,
    origin::Origin,
    pages::{
        field::{Field, Input},
        page::{Desk, show_with},
        shell::{Area, Shell},
        values::{ErrorLine, Errors, Values},
    },
    problem::Problem,
    sentences, session,
    state::answer,
};

/// Where it is; the only page for whoever must set one up first.
pub const PATH: &str = "/agent/seconde-verification";
/// Characters of a secret: 20 bytes in base32.
const KEY_CHARS: usize = 32;

#[derive(Template)]
#[template(path = "agent/second_factor.html")]
struct SecondFactorPage {
    shell: Shell,
    errors: Vec<ErrorLine>,
    fields: Vec<Field>,
    /// The secret, in groups of four; empty before the password is given.
    key: String,
    /// The same, as it goes through the form.
    raw_key: String,
    qr: String,
    needed: bool,
}

#[derive(Template)]
#[template(path = "agent/recovery_codes.html")]
struct RecoveryCodesPage {
    shell: Shell,
    codes: Vec<String>,
}

/// The form that asks for the password.
pub async fn show(desk: Desk) -> Result<Response, Problem> {
    form(&desk, "", &Errors::default()).await
}

/// Gives the secret for a password; then the recovery codes for a code.
pub async fn act(desk: Desk, origin: Origin, headers: HeaderMap, fields: CsrfFields) -> Result<Response, Problem> {
    let key = fields.first("cle").to_owned();
    let mut errors = Errors::default();
    if is_key(&key) {
        return confirm(&desk, origin, &headers, (&key, fields.first("code").trim())).await;
    }
    let password = fields.0.iter().find(|(name, _)| name == "mot_de_passe").map(|(_, value)| value.clone());
    let request = BeginSecondFactorRequest { password: password.unwrap_or_default(), origin: Some(origin.0) };
    match answer(desk.page.state.identity()?.begin_second_factor(desk.call(request)).await) {
        Ok(begun) => form(&desk, &begun.secret, &errors).await,
        Err(error) => {
            errors.add("mot_de_passe", said(error)?);
            form(&desk, "", &errors).await
        }
    }
}

async fn confirm(
    desk: &Desk,
    origin: Origin,
    headers: &HeaderMap,
    (key, code): (&str, &str),
) -> Result<Response, Problem> {
    let request = ConfirmSecondFactorRequest { code: code.to_owned(), origin: Some(origin.0.clone()) };
    match answer(desk.page.state.identity()?.confirm_second_factor(desk.call(request)).await) {
        Ok(confirmed) => {
            let mut shell = desk.shell(Area::Agent, "Vos codes de secours").await;
            shell.nav.clear();
            let page = show_with(StatusCode::OK, &RecoveryCodesPage { shell, codes: confirmed.recovery_codes })?;
            // Whoever could do nothing else until now gets a token that can.
            let renewed = session::renew(&desk.page.state, &desk.page.tenant.slug, headers, origin).await;
            Ok(match renewed {
                Ok(renewed) => (renewed, page).into_response(),
                Err(_) => page,
            })
        }
        Err(error) => {
            let mut errors = Errors::default();
            errors.add("code", said(error)?);
            form(desk, key, &errors).await
        }
    }
}

/// What the person is told; an error that is not theirs to mend is passed on.
fn said(error: Error) -> Result<String, Problem> {
    match (error.kind(), error.violations()) {
        (ErrorKind::Invalid, [violation, ..]) => Ok(match violation.reason {
            Some(Reason::WrongPassword) => sentences::of_reason("current_password", &Reason::WrongPassword),
            _ => sentences::of_field(violation),
        }),
        (ErrorKind::Exhausted | ErrorKind::FailedPrecondition, _) => Ok(sentences::of_whole(&error)),
        _ => Err(error.into()),
    }
}

fn is_key(key: &str) -> bool {
    key.len() == KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'))
}

async fn form(desk: &Desk, key: &str, errors: &Errors) -> Result<Response, Problem> {
    let lines = errors.lines(&["mot_de_passe", "code"]);
    let field = if key.is_empty() {
        Field::new("mot_de_passe", "Votre mot de passe", Input::Line("password")).autocomplete("current-password")
    } else {
        Field::new("code", "Code à six chiffres que l’application affiche", Input::Line("text"))
            .autocomplete("one-time-code")
            .no_spelling()
    };
    let fields = vec![field.fill(&Values::default(), errors)];
    let mut shell = desk.shell(Area::Agent, "Seconde vérification").await.with_errors(lines.len());
    let needed = desk.session.claims().enrol;
    if needed {
        // Every other page leads back here.
        shell.nav.clear();
    }
    let status = if lines.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let groups: Vec<String> = key.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let qr = if key.is_empty() { String::new() } else { qr(&uri(&desk.page.tenant.name, desk.code(), key)) };
    show_with(
        status,
        &SecondFactorPage { shell, errors: lines, fields, key: groups.join(" "), raw_key: key.to_owned(), qr, needed },
    )
}

/// As authenticators read it (Key Uri Format).
fn uri(town: &str, code: &str, key: &str) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("otpauth://totp/{0}:{1}?secret={key}&issuer={0}", encode(town), encode(code))
}

/// The path of an SVG of 1 unit a module, with a border of four. Nothing of it needs a style or a script.
fn qr(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let width = code.width();
    let mut path = String::new();
    for (at, _) in code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark) {
        path.push_str(&format!("M{} {}h1v1h-1z", at % width + 4, at / width + 4));
    }
    let side = width + 8;
    format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" width=\"220\" height=\"220\" role=\"img\" \
         aria-label=\"Code à photographier avec l’application\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_safe_and_what_goes_through_a_form_is_checked() {
        let text = uri("Petit-Ormeau \"<&", "agent", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(text.starts_with("otpauth://totp/Petit%2DOrmeau%20%22%3C%26:agent?secret="), "{text}");
        let drawn = qr(&text);
        assert!(drawn.starts_with("<svg") && !drawn.contains("style") && drawn.matches('<').count() == 4, "{drawn}");
        assert!(is_key("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        assert!(!is_key("") && !is_key(&"<".repeat(32)));
    }
}
