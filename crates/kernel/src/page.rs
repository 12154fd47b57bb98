//! Lists by pages, with a cursor that survives insertions.

use crate::{
    error::{Error, Result},
    reason::Expected,
};

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many rows at most; 0 means the default.
    pub size: u32,
    /// The `next` of the page before; empty for the first.
    pub token: String,
}

impl PageRequest {
    /// Rows a page holds when nothing is asked.
    pub const DEFAULT: u32 = 50;
    /// Rows a page holds at most.
    pub const MAX: u32 = 200;

    /// The size to use, within bounds.
    pub fn limit(&self) -> u64 {
        match self.size {
            0 => u64::from(Self::DEFAULT),
            n => u64::from(n.min(Self::MAX)),
        }
    }

    /// The cursor, as the service that made it wrote it.
    pub fn cursor(&self) -> Result<Option<i64>> {
        if self.token.is_empty() {
            return Ok(None);
        }
        self.token.parse().map(Some).map_err(|_| bad_token("page_token"))
    }
}

/// Refuses a token that no list gave.
pub fn bad_token(field: &str) -> Error {
    let reason = Expected::PageToken;
    Error::wrong(field, reason, "not a token of this list: start again without it")
}

/// Some rows of a list and where the next ones start.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Token of the next page; empty on the last one.
    pub next: String,
}

impl<T> Page<T> {
    /// Cuts a page out of `limit + 1` rows read: the extra row only says that there is a next page.
    pub fn cut(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> i64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next =
            if more { rows.last().map(|row| cursor(row).to_string()).unwrap_or_default() } else { String::new() };
        Self { items: rows, next }
    }
}
