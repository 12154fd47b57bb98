//! One verb a file.

mod change_password;
mod create_partner;
mod import_accounts;
mod index_people;
mod issue_partner_token;
mod link_citizens;
mod list_accounts;
mod purge;
mod refresh_tokens;
mod rotate_keys;
mod search_citizens;
mod set_password;
mod sign_in;
mod sign_out;
mod tokens;
mod try_password;

pub use change_password::{ChangePassword, change_password};
pub use create_partner::{CreatePartner, add_partner, create_partner};
pub use import_accounts::{ImportSummary, import_accounts};
pub use index_people::index_people;
pub use issue_partner_token::{IssuePartnerToken, issue_partner_token};
pub use link_citizens::link_citizens;
pub use list_accounts::list_accounts;
pub use purge::purge;
pub use refresh_tokens::refresh_tokens;
pub use rotate_keys::rotate_keys;
pub use search_citizens::search_citizens;
pub use set_password::set_password;
pub use sign_in::{SignIn, sign_in};
pub use sign_out::sign_out;
pub use tokens::{AccessToken, RefreshToken, Tokens, session_of};
