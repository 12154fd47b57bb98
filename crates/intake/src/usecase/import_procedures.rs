//! Loads a file of procedures, all of it or nothing. Called by the command line, on an opened store.

use parvis_kernel::{Error, Result};
use parvis_runtime::Tenants;
use parvis_store::Store;
use sha2::{Digest as _, Sha256};

use crate::{
    domain::{procedure::Content, procedures_file::ProceduresFile},
    repo::procedure::{self, Latest, NewVersion},
};

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportSummary {
    /// Procedures that were not there.
    pub added: usize,
    /// Procedures with a new version.
    pub changed: usize,
    /// Procedures that had been retired and are back as they were.
    pub restored: usize,
    /// Procedures no longer in the file: kept, but nobody may file them.
    pub retired: usize,
    /// Procedures that stay as they are.
    pub unchanged: usize,
}

impl ImportSummary {
    /// Whether anything was written.
    pub fn is_empty(&self) -> bool {
        self.added + self.changed + self.restored + self.retired == 0
    }
}

/// Loads `file`. Importing the same file again changes nothing.
///
/// # Errors
/// "Invalid" where the authority is not one of `tenants`; nothing is written then.
pub async fn import_procedures(store: &Store, tenants: &Tenants, file: &ProceduresFile) -> Result<ImportSummary> {
    file.check_tenant(|tenant| tenants.get(tenant).is_some())
        .map_err(|error| Error::invalid("tenant", error.to_string()))?;
    let tenant = file.tenant();
    let tx = store.begin().await?;
    // First, so that two imports of one authority follow each other.
    procedure::bump_revision(tx.conn(), tenant).await?;
    let mut latest = procedure::latest(tx.conn(), tenant).await?;
    let mut plan = Plan::default();
    for (position, content) in file.procedures().iter().enumerate() {
        let known = latest.remove(&content.code);
        plan.add(content, i32::try_from(position).map_err(Error::internal)?, known)?;
    }
    for (code, _) in latest.into_iter().filter(|(_, latest)| latest.is_current) {
        plan.retire.push(code);
        plan.summary.retired += 1;
    }
    if plan.summary.is_empty() && plan.restore.is_empty() {
        tx.rollback().await?;
        return Ok(plan.summary);
    }
    procedure::retire(tx.conn(), tenant, &plan.retire).await?;
    for (code, version, position) in &plan.restore {
        procedure::restore(tx.conn(), tenant, code, *version, *position).await?;
    }
    let now = tx.now();
    procedure::insert(tx.conn(), tenant, plan.insert, now).await?;
    tx.commit().await?;
    Ok(plan.summary)
}

/// What will be written.
#[derive(Default)]
struct Plan {
    summary: ImportSummary,
    retire: Vec<String>,
    /// Code, version, position: also those that only moved in the list.
    restore: Vec<(String, i32, i32)>,
    insert: Vec<NewVersion>,
}

impl Plan {
    fn add(&mut self, content: &Content, position: i32, known: Option<Latest>) -> Result<()> {
        let json = serde_json::to_string(content).map_err(Error::internal)?;
        let content_hash = hex::encode(Sha256::digest(&json));
        let code = content.code.clone();
        let version = match known {
            None => {
                self.summary.added += 1;
                1
            }
            Some(known) if known.content_hash != content_hash => {
                self.summary.changed += 1;
                self.retire.push(code.clone());
                known.version + 1
            }
            Some(known) => {
                if known.is_current {
                    self.summary.unchanged += 1;
                } else {
                    self.summary.restored += 1;
                }
                if !known.is_current || known.position != position {
                    self.restore.push((code, known.version, position));
                }
                return Ok(());
            }
        };
        self.insert.push(NewVersion { code, version, position, content: json, content_hash });
        Ok(())
    }
}
