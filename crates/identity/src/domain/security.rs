//! What happened to accounts, as it is kept for whoever answers for them.

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecurityCode {
    /// Somebody signed in.
    SignedIn,
    /// A password or a code was not right.
    SignInFailed,
    /// An account was locked for one origin.
    Locked,
    /// Somebody who may unlocked an account.
    Unlocked,
    /// An agent changed their password.
    PasswordChanged,
    /// An operator set a password.
    PasswordSet,
    /// An import gave an account other roles.
    RolesChanged,
    /// An account was closed.
    AccountClosed,
    /// An account was opened again.
    AccountReopened,
    /// A session was ended.
    SessionEnded,
    /// A refresh token was used twice: its session ended.
    TokenReused,
    /// A second factor was set up.
    SecondFactorSet,
    /// A second factor was taken off.
    SecondFactorReset,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A partner was created.
    PartnerCreated,
    /// A partner was revoked.
    PartnerRevoked,
}

impl SecurityCode {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::SignedIn,
        Self::SignInFailed,
        Self::Locked,
        Self::Unlocked,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::RolesChanged,
        Self::AccountClosed,
        Self::AccountReopened,
        Self::SessionEnded,
        Self::TokenReused,
        Self::SecondFactorSet,
        Self::SecondFactorReset,
        Self::RecoveryCodeUsed,
        Self::PartnerCreated,
        Self::PartnerRevoked,
    ];

    /// Its stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::RolesChanged => "roles_changed",
            Self::AccountClosed => "account_closed",
            Self::AccountReopened => "account_reopened",
            Self::SessionEnded => "session_ended",
            Self::TokenReused => "token_reused",
            Self::SecondFactorSet => "second_factor_set",
            Self::SecondFactorReset => "second_factor_reset",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::PartnerCreated => "partner_created",
            Self::PartnerRevoked => "partner_revoked",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// What.
    pub code: SecurityCode,
    /// To which account or partner, by its code; empty where a login named nobody.
    pub account: String,
    /// Who did it (`agent:…`, `operator`); empty for whoever was at the sign-in page.
    pub actor: String,
    /// From where, cut short; may be empty.
    pub network: String,
    /// Codes that tell more (roles before and after); never what somebody typed.
    pub detail: String,
}

impl SecurityEvent {
    /// That `code` happened to `account`.
    pub fn new(code: SecurityCode, account: impl ToString) -> Self {
        Self { code, account: account.to_string(), actor: String::new(), network: String::new(), detail: String::new() }
    }

    /// The same, done by `actor`.
    pub fn by(self, actor: impl Into<String>) -> Self {
        Self { actor: actor.into(), ..self }
    }

    /// The same, from `network`.
    pub fn from_network(self, network: &str) -> Self {
        Self { network: network.to_owned(), ..self }
    }

    /// The same, with more to tell.
    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}
