//! Pure rules: no database, no transport, no clock but a parameter.

pub mod account;
pub mod attempts;
pub mod key_schedule;
pub mod linking;
pub mod origin;
pub mod password;
pub mod search;
pub mod second_factor;
pub mod security;
pub mod session;
