//! The tables, one file an aggregate. Every finder takes the tenant; signing keys alone belong to the installation.

pub mod access_log;
pub mod accounts;
pub mod attempts;
pub mod citizens;
pub mod partners;
pub mod second_factors;
pub mod security_events;
pub mod sessions;
pub mod signing_keys;
pub mod unknown_logins;
