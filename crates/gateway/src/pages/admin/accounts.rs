//! `/admin/comptes`: the accounts, and those that are locked.

use askama::Template;
use parvis_proto::identity::ListAccountsRequest;

use super::{ADMINISTRATORS, Answer, frame};
use crate::{
    pages::{
        format,
        page::{Desk, refused, show as render},
        shell::{Link, Shell},
    },
    state::answer,
};

struct AccountView {
    name: String,
    code: String,
    email: String,
    roles: String,
    state: String,
    tone: &'static str,
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
            (false, _) => ("Désactivé".to_owned(), "plain"),
            (true, Some(until)) => (format!("Bloqué jusqu'au {}", format::date_time(until, &zone)), "late"),
            (true, None) => ("Actif".to_owned(), "good"),
        };
        let roles: Vec<_> = account.roles.iter().map(|role| format::role(role)).collect();
        AccountView {
            roles: roles.join(", "),
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
