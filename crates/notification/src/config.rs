//! `[notification]`

use secrecy::SecretString;
use serde::Deserialize;

/// The role's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationConfig {
    /// `smtp://user:password@host:587?tls=required` or `smtps://…`; empty: to files.
    pub smtp_url: SecretString,
    /// Where `.eml` files go without SMTP.
    pub eml_dir: String,
    /// Sender's address; the name shown is each authority's own.
    pub from: String,
    /// How often an e-mail is tried before it fails for good.
    pub attempts: u8,
}
