//! What is kept. Every finder takes the tenant.

pub mod access_log;
pub mod case;
pub mod history;
pub mod list;
pub mod message;
pub mod pending;
pub mod request;
pub mod transfer;
pub mod word;

use std::str::FromStr;

use parvis_kernel::{Error, Result};

/// A word that this program wrote; another version may have written one that it does not know.
fn word<T: FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|error: Error| Error::internal(error.to_string()))
}

/// The same, where it may be absent.
fn optional_word<T: FromStr<Err = Error>>(text: &str) -> Result<Option<T>> {
    if text.is_empty() { Ok(None) } else { word(text).map(Some) }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
