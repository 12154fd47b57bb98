//! What of each authority the handling of cases needs.

use std::{collections::HashMap, sync::Arc};

use parvis_kernel::{Error, Result, TenantId};
use parvis_proto::common::UnitContact;
use parvis_runtime::Tenants;

use crate::domain::TownCalendar;

/// One authority.
#[derive(Clone, Debug)]
pub struct Town {
    /// Its days.
    pub calendar: TownCalendar,
    /// How to reach it, where a unit says nothing.
    pub contact: UnitContact,
}

/// All of them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Towns(Arc<HashMap<TenantId, Town>>);

impl Towns {
    /// Reads them.
    ///
    /// # Errors
    /// "Invalid" where one names holidays that do not exist.
    pub fn new(tenants: &Tenants) -> Result<Self> {
        let mut towns = HashMap::new();
        for tenant in tenants.all() {
            let holidays = tenant.holidays.parse().map_err(|error: Error| {
                Error::invalid("tenants.file", format!("{}: {}", tenant.slug, error.message()))
            })?;
            let town = Town {
                calendar: TownCalendar { time_zone: tenant.zone(), holidays },
                contact: UnitContact {
                    code: String::new(),
                    name: tenant.name.clone(),
                    email: tenant.email.clone(),
                    phone: tenant.phone.clone(),
                    postal_address: tenant.address.clone(),
                },
            };
            towns.insert(tenant.slug.clone(), town);
        }
        Ok(Self(Arc::new(towns)))
    }

    /// One of them.
    pub fn get(&self, tenant: &TenantId) -> Result<&Town> {
        self.0.get(tenant).ok_or_else(|| Error::precondition(format!("{tenant} is not in tenants.file")))
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &TenantId> {
        self.0.keys()
    }
}
