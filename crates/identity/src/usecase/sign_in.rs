//! A login and a password → a session.

use parvis_kernel::{Caller, Error, Reason, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    answer_challenge::wrong_code,
    tokens::{Tokens, open_session},
    try_code::try_code,
    try_password::{Whose, try_password},
};
use crate::{
    crypto::opaque,
    domain::{account::email_key, origin::Origin, password, second_factor::CHALLENGE},
    repo::{accounts, second_factors},
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
    /// A code of the second factor, where it is known already; may be empty.
    pub code: String,
    /// From where.
    pub origin: Origin,
}

/// What a right password gives.
#[derive(Clone, Debug)]
pub enum SignedIn {
    /// A session.
    Tokens(Box<Tokens>),
    /// A challenge: the account has a second factor, and a code of it is needed ([`super::answer_challenge`]).
    CodeNeeded(SecretString),
}

/// Starts a session, or asks for the second factor. Whatever is wrong (no such account, a closed one, one of several with this e-mail, no password, a
/// wrong one, a demonstration's outside a demonstration), the words and the time are the same.
pub async fn sign_in(identity: &Identity, caller: &Caller, command: SignIn) -> Result<SignedIn> {
    if command.login.len() > LONGEST_LOGIN {
        let reason = Reason::TooLong { most: LONGEST_LOGIN as u64 };
        return Err(Error::wrong("login", reason, format!("at most {LONGEST_LOGIN} bytes")));
    }
    if command.password.expose_secret().chars().count() > password::LONGEST {
        return Err(password::too_long("password"));
    }
    let tenant = &caller.tenant;
    let login = email_key(&command.login);
    let published = password::is_published(command.password.expose_secret());
    let found = accounts::find_by_login(identity.store.read(), tenant, &login).await?;
    let meant = match found.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let whose = meant.map_or(Whose::Nobody(&login), |account| Whose::Account(&account.profile.code));
    let right = try_password(identity, tenant, whose, &command.origin, command.password).await;
    let outcome = match &right {
        Ok(true) => "ok",
        Ok(false) => "refused",
        Err(_) => "not_tried",
    };
    metrics::counter!("parvis_sign_ins_total", "outcome" => outcome).increment(1);
    let Some(account) = meant.filter(|_| matches!(right, Ok(true))) else {
        right?;
        return Err(refused());
    };
    if !identity.config.demonstration && (published || account.published_password) {
        tracing::warn!(
            %tenant,
            account = %account.profile.code,
            "the password of the demonstration was given for this account: give it another (parvis account set-password)"
        );
        return Err(refused());
    }
    let code = &account.profile.code;
    let factor = second_factors::find(identity.store.read(), tenant, code).await?;
    if let Some(factor) = factor.filter(|factor| factor.confirmed) {
        if command.code.is_empty() {
            let challenge = opaque::draw();
            let until = identity.store.clock().now() + CHALLENGE;
            let hash = opaque::digest(&challenge);
            second_factors::add_challenge(identity.store.write(), tenant, code, hash, until).await?;
            return Ok(SignedIn::CodeNeeded(challenge));
        }
        if !try_code(identity, tenant, (code, &factor), &command.code, &command.origin).await? {
            return Err(wrong_code());
        }
    }
    let tokens = open_session(identity, tenant, code, &command.origin).await?;
    Ok(SignedIn::Tokens(Box::new(tokens)))
}

pub(super) fn refused() -> Error {
    Error::unauthenticated("the login or the password is not right").refused(Refusal::WrongCredentials)
}
