//! Counts that a page was opened, helped or did not, or that a request was not filed. Anybody.

use parvis_kernel::{
    Caller, Error, FieldViolation, Result,
    ids::is_code,
    reason::{Expected, Thing},
};
use parvis_proto::knowledge::RecordUseRequest;

use super::Knowledge;

impl Knowledge {
    /// One more, for a page that is served.
    pub async fn record_use(&self, caller: &Caller, request: &RecordUseRequest) -> Result<()> {
        let kind = match request.kind.as_str() {
            "opened" => "opened",
            "helped" => "helped",
            "not_helped" => "not_helped",
            "not_filed" => "not_filed",
            other => {
                let known = ["opened", "helped", "not_helped", "not_filed"];
                return Err(FieldViolation::not_one_of("kind", other, &known).into());
            }
        };
        if !request.procedure_code.is_empty() && !is_code(&request.procedure_code) {
            let reason = Expected::Code;
            let message = "is a procedure's code: 2 to 40 of a-z, 0-9 and dash";
            return Err(Error::wrong("procedure_code", reason, message));
        }
        let (shelf, fiches) = self.shelf(caller).await;
        // Only what exists is counted: the table grows with the town's pages, not with what is sent to it.
        let known = shelf.get(&request.slug).is_some() || fiches.has(&request.slug);
        if !known {
            return Err(Error::no_such(Thing::Page, "no such page is served"));
        }
        self.count(caller, kind, request.slug.clone());
        Ok(())
    }
}
