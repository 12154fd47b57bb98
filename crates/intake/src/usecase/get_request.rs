//! A request as it was said, for whoever holds a follow grant of it. Agents read it through the case: casework knows who
//! may.

use parvis_kernel::{Caller, Error, Reference, RequestId, Result, reason::Thing};
use parvis_proto::intake::{GetRequestRequest, SubmittedRequest};

use super::Intake;
use crate::repo;

impl Intake {
    /// By its id or its reference. What may not be read is not found: nobody learns that it exists.
    pub async fn get_request(&self, caller: &Caller, query: &GetRequestRequest) -> Result<SubmittedRequest> {
        let unknown = || Error::no_such(Thing::Request, "no such request, or no grant that opens it");
        let found = if query.request_id.is_empty() {
            let reference: Reference = query.reference.parse()?;
            repo::request::find_by_reference(self.store.read(), &caller.tenant, reference).await?
        } else {
            let id: RequestId = query.request_id.parse().map_err(|error: Error| error.about("request_id"))?;
            repo::request::find(self.store.read(), &caller.tenant, id).await?
        };
        let request = found.ok_or_else(unknown)?;
        let id: RequestId = request.request_id.parse().map_err(|_| Error::internal("a request without an id"))?;
        if caller.is_system() || caller.follows(id) {
            return Ok(request);
        }
        Err(unknown())
    }
}
