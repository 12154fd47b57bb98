//! `/admin/comptes`: the accounts, those that are locked, and what an administrator may do about them.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use parvis_proto::identity::{AccountChange, ChangeAccountRequest, EndSessionsRequest, ListAccountsRequest};

use super::{ADMINISTRATORS, Answer, frame};
use crate::{
    csrf::CsrfFields,
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    problem::Problem,
    state::answer,
};

struct AccountView {
    name: String,
    code: String,
    email: String,
    roles: String,
    state: String,
    tone: &'static str,
    locked: bool,
    suspended: bool,
    open: bool,
    own: bool,
    second_factor: bool,
}

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    shell: Shell,
    tabs: Vec<Link>,
    accounts: Vec<AccountView>,
    caption: String,
}

/// The page.
pub async fn show(desk: Desk) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let listed = answer(desk.page.state.identity()?.list_accounts(desk.call(ListAccountsRequest {})).await);
    let listed = listed.map_err(refused)?.accounts;
    let (now, zone) = (desk.page.now(), desk.page.zone());
    let caption = format::plural(listed.len() as u64, "compte", "comptes");
    let accounts = listed.into_iter().map(|account| {
        let locked = account.locked_until.map(|at| format::instant(Some(&at))).filter(|at| *at > now);
        let (state, tone) = match (account.active, locked) {
            (false, _) if account.suspended => ("Fermé par un administrateur".to_owned(), "plain"),
            (false, _) => ("Désactivé".to_owned(), "plain"),
            (true, Some(until)) => {
                (format!("Bloqué depuis un réseau, jusqu’au {}", format::date_time(until, &zone)), "late")
            }
            (true, None) => ("Actif".to_owned(), "good"),
        };
        let roles: Vec<_> = account.roles.iter().map(|role| format::role(role)).collect();
        AccountView {
            roles: roles.join(", "),
            own: account.code == desk.code(),
            locked: locked.is_some(),
            suspended: account.suspended,
            second_factor: account.second_factor,
            open: account.active,
            name: account.name,
            code: account.code,
            email: account.email,
            state,
            tone,
        }
    });
    let accounts = accounts.collect();
    let (shell, tabs) = frame(&desk, "Comptes").await;
    render(&AccountsPage { shell, tabs, accounts, caption })
}

/// Does what the button says to one account.
pub async fn act(desk: Desk, Path(code): Path<String>, fields: CsrfFields) -> Answer {
    desk.require(&ADMINISTRATORS)?;
    let mut identity = desk.page.state.identity()?;
    let change = match fields.first("action") {
        "fermer" => AccountChange::Close,
        "rouvrir" => AccountChange::Reopen,
        "debloquer" => AccountChange::Unlock,
        "verification" => AccountChange::ResetSecondFactor,
        "deconnecter" => {
            let request = EndSessionsRequest { account: code, ..EndSessionsRequest::default() };
            answer(identity.end_sessions(desk.call(request)).await).map_err(refused)?;
            return Ok(Redirect::to("/admin/comptes?fait=compte-deconnecte").into_response());
        }
        _ => return Err(Problem::not_found("Cette action n’existe pas.")),
    };
    let request = ChangeAccountRequest { account: code, change: change.into() };
    answer(identity.change_account(desk.call(request)).await).map_err(refused)?;
    let done = match change {
        AccountChange::Close => "compte-ferme",
        AccountChange::Reopen => "compte-rouvert",
        AccountChange::ResetSecondFactor => "verification-retiree",
        AccountChange::Unlock | AccountChange::Unspecified => "compte-debloque",
    };
    Ok(Redirect::to(&format!("/admin/comptes?fait={done}")).into_response())
}
