//! Procedures of the caller's authority, found by words. Anybody.

use parvis_kernel::{Caller, FieldViolation, Result};
use parvis_proto::intake::Procedure;

use super::Intake;
use crate::domain::search;

/// Characters of a search at most.
const MAX_QUERY: usize = 200;

impl Intake {
    /// In the order of the file; `with_forms`: with their fields and documents.
    pub async fn list_procedures(&self, caller: &Caller, query: &str, with_forms: bool) -> Result<Vec<Procedure>> {
        if query.chars().count() > MAX_QUERY {
            return Err(FieldViolation::too_long("query", MAX_QUERY).into());
        }
        let procedures = self.procedures.of(&caller.tenant).await;
        Ok(procedures
            .entries
            .iter()
            .filter(|entry| search::matches(&entry.haystack, query))
            .map(|entry| if with_forms { entry.procedure.message() } else { entry.procedure.outline() })
            .collect())
    }
}
