//! A request as it was said. Agents of the authority, or whoever holds its tracking code.

use parvis_kernel::{Caller, Error, Reference, RequestId, Result, reason::Thing};
use parvis_proto::intake::{GetRequestRequest, SubmittedRequest};

use super::{Intake, is_reader};
use crate::repo;

impl Intake {
    /// By its id or its reference. What may not be read is not found: nobody learns that it exists.
    pub async fn get_request(&self, caller: &Caller, query: &GetRequestRequest) -> Result<SubmittedRequest> {
        let unknown = || Error::no_such(Thing::Request, "no such request, or not the right tracking code");
        let found = if query.request_id.is_empty() {
            let reference: Reference = query.reference.parse()?;
            repo::request::find_by_reference(self.store.read(), &caller.tenant, reference).await?
        } else {
            let id: RequestId = query.request_id.parse().map_err(|error: Error| error.about("request_id"))?;
            repo::request::find(self.store.read(), &caller.tenant, id).await?
        };
        let request = found.ok_or_else(unknown)?;
        let id: RequestId = request.request_id.parse().map_err(|_| Error::internal("a request without an id"))?;
        if is_reader(caller) || self.codes.opens(&caller.tenant, id, &query.tracking_code) {
            return Ok(request);
        }
        Err(unknown())
    }
}
