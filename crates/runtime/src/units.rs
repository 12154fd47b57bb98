//! Keeps what routing says of the units, in the database of a role that asks the policy.

use parvis_bus::Event;
use parvis_kernel::Result;
use parvis_proto::{events::UNITS_DESCRIBED, routing::UnitsDescribed};
use parvis_store::{
    Tx,
    units::{self, DescribedUnit},
};

/// Keeps what those of `events` that describe units say.
pub async fn keep_described(tx: &Tx, events: &[Event]) -> Result<()> {
    for event in events.iter().filter(|event| event.kind == UNITS_DESCRIBED) {
        let message: UnitsDescribed = event.decode()?;
        let unit = |unit: parvis_proto::routing::DescribedUnit| DescribedUnit {
            code: unit.code,
            name: unit.name,
            sensitive: unit.sensitive,
        };
        units::keep(tx.conn(), &event.tenant, message.version, message.units.into_iter().map(unit)).await?;
    }
    Ok(())
}
