//! A login and a password → a session.

use parvis_kernel::{Caller, Error, Reason, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    tokens::{Tokens, issue},
    try_password::{Whose, try_password},
};
use crate::{
    crypto::opaque,
    domain::{account::email_key, password},
    repo::{
        accounts,
        sessions::{self, Session},
    },
    service::Identity,
};

/// Bytes of a login at most: the longest e-mail.
const LONGEST_LOGIN: usize = 320;

/// Who wants in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// An account's code, or an e-mail that one active account alone has.
    pub login: String,
    /// Its password.
    pub password: SecretString,
}

/// Starts a session. Whatever is wrong (no such account, a closed one, one of several with this e-mail, no password, a
/// wrong one), the words and the time are the same.
pub async fn sign_in(identity: &Identity, caller: &Caller, command: SignIn) -> Result<Tokens> {
    if command.login.len() > LONGEST_LOGIN {
        let reason = Reason::TooLong { most: LONGEST_LOGIN as u64 };
        return Err(Error::wrong("login", reason, format!("at most {LONGEST_LOGIN} bytes")));
    }
    if command.password.expose_secret().chars().count() > password::LONGEST {
        return Err(password::too_long("password"));
    }
    let tenant = &caller.tenant;
    let login = email_key(&command.login);
    let found = accounts::find_by_login(identity.store.read(), tenant, &login).await?;
    let meant = match found.as_slice() {
        [one] => Some(&one.profile.code),
        _ => None,
    };
    let whose = meant.map_or(Whose::Nobody(&login), Whose::Account);
    let right = try_password(identity, tenant, whose, command.password).await;
    let outcome = match &right {
        Ok(true) => "ok",
        Ok(false) => "refused",
        Err(_) => "not_tried",
    };
    metrics::counter!("parvis_sign_ins_total", "outcome" => outcome).increment(1);
    let Some(code) = meant.filter(|_| matches!(right, Ok(true))) else {
        right?;
        return Err(refused());
    };

    let tx = identity.store.begin().await?;
    let now = tx.now();
    accounts::clear_attempts(tx.conn(), tenant, code).await?;
    // It may have been closed since.
    let account =
        accounts::find(tx.conn(), tenant, code).await?.filter(|account| account.active).ok_or_else(refused)?;
    let session =
        Session { id: opaque::draw_id(), account: code.clone(), expires_at: now + identity.config.session_life() };
    sessions::start(tx.conn(), tenant, &session, now).await?;
    let tokens = issue(identity, &tx, account, &session).await?;
    tx.commit().await?;
    Ok(tokens)
}

fn refused() -> Error {
    Error::unauthenticated("the login or the password is not right").refused(Refusal::WrongCredentials)
}
