//! Deletes the files that no request named in time. The row is marked first: nobody claims a file whose bytes are
//! going.

use jiff::SignedDuration;
use object_store::{ObjectStoreExt as _, path::Path};
use parvis_kernel::Result;
use tokio_util::sync::CancellationToken;

use super::Intake;
use crate::{objects::object_error, repo};

/// How long a file waits for its request.
pub const KEPT: SignedDuration = SignedDuration::from_hours(2);
/// Files deleted between two looks at the clock.
const CHUNK: u64 = 100;

impl Intake {
    /// Deletes them. Returns how many. An interrupted sweep is finished by the next.
    pub async fn delete_unclaimed_attachments(&self, shutdown: &CancellationToken) -> Result<u64> {
        let before = self.clock.now() - KEPT;
        let mut deleted = 0;
        while !shutdown.is_cancelled() {
            let marked = repo::attachment::mark_unclaimed(&self.store, before, CHUNK).await?;
            if marked.is_empty() {
                break;
            }
            for attachment in marked {
                match self.objects.delete(&Path::from(attachment.object_path())).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(object_error(error)),
                }
                repo::attachment::forget(&self.store, &attachment.tenant, attachment.id).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}
