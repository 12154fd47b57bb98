//! Says what the other roles must know of the units of the directory in force.

use parvis_kernel::{PARTITIONS, Result};
use parvis_proto::{
    events::UNITS_DESCRIBED,
    routing::{DescribedUnit, UnitsDescribed},
};
use parvis_store::NewEvent;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use crate::{repo::directory, router::Router};

/// Says it of each directory of which nobody did, an import's or one that was in force before this was said at all.
/// Several processes may try: it is said once.
pub async fn describe_units(router: &Router, shutdown: &CancellationToken) -> Result<()> {
    for tenant in directory::undescribed(router.store.read()).await? {
        if shutdown.is_cancelled() {
            return Ok(());
        }
        let mut tx = router.store.begin().await?;
        let version = directory::lock(&tx, std::slice::from_ref(&tenant)).await?.get(&tenant).copied().unwrap_or(0);
        let Some(held) = directory::find(tx.conn(), &tenant, version).await? else { continue };
        if !directory::set_described(&tx, &tenant, version).await? {
            continue;
        }
        let unit = |unit: &parvis_directory::Unit| DescribedUnit {
            code: unit.code.to_string(),
            name: unit.name.clone(),
            sensitive: held.directory.is_sensitive(&unit.code),
        };
        let message = UnitsDescribed { version, units: held.directory.units.iter().map(unit).collect() };
        tx.append(NewEvent {
            // Always the same for one authority: a later directory is heard after an earlier one.
            partition: tenant.as_str().bytes().fold(0_u8, u8::wrapping_add) % PARTITIONS,
            tenant,
            kind: UNITS_DESCRIBED,
            subject: "directory".to_owned(),
            payload: message.encode_to_vec(),
            traceparent: String::new(),
        });
        tx.commit().await?;
    }
    Ok(())
}
