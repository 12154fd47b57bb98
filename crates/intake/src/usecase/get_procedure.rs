//! One procedure with its form. Anybody.

use parvis_kernel::{Caller, Error, ProcedureCode, Result, reason::Thing};
use parvis_proto::intake::Procedure;

use super::Intake;
use crate::repo;

impl Intake {
    /// The current version (0), or a given one, retired or not.
    pub async fn get_procedure(&self, caller: &Caller, code: &str, version: u32) -> Result<Procedure> {
        let unknown = || Error::no_such(Thing::Procedure, "no such procedure, or no such version of it");
        // A code of no valid shape names nothing.
        let code = ProcedureCode::parse(code).map_err(|_| unknown())?;
        let procedures = self.procedures.of(&caller.tenant).await;
        if let Some(current) = procedures.get(code.as_str())
            && (version == 0 || version == current.version)
        {
            return Ok(current.message());
        }
        if version == 0 {
            return Err(unknown());
        }
        let kept = repo::procedure::find(self.store.read(), &caller.tenant, &code, version).await?;
        kept.map(|procedure| procedure.message()).ok_or_else(unknown)
    }
}
