//! The authorities that this installation serves.

use std::{collections::HashMap, path::Path, sync::Arc};

use jiff::tz::TimeZone;
use parvis_kernel::{Error, Result, Role, TenantId};
use serde::Deserialize;

/// One authority.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Its slug.
    pub slug: TenantId,
    /// Its name, as shown.
    pub name: String,
    /// INSEE commune code, 5 characters.
    pub insee: String,
    /// Inhabitants.
    #[serde(default)]
    pub population: u32,
    /// Host names that show it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Which public holidays: metropole, alsace-moselle, mayotte, martinique, guadeloupe, guyane, reunion.
    #[serde(default = "metropole")]
    pub holidays: String,
    /// IANA name.
    #[serde(default = "paris")]
    pub timezone: String,
    /// Where citizens write.
    #[serde(default)]
    pub email: String,
    /// Where citizens call.
    #[serde(default)]
    pub phone: String,
    /// Where citizens come.
    #[serde(default)]
    pub address: String,
    /// Its own site.
    #[serde(default)]
    pub website: String,
    /// The roles of which a second factor is demanded: `["administrator", "supervisor"]`.
    #[serde(default)]
    pub second_factor: Vec<Role>,
}

impl Tenant {
    /// Its time zone; Europe/Paris where the name was not known (checked at start).
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or_else(|_| paris_zone())
    }
}

/// UTC only where the system knows no zone at all.
fn paris_zone() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

fn metropole() -> String {
    "metropole".to_owned()
}

fn paris() -> String {
    "Europe/Paris".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: Vec<Tenant>,
}

/// All of them. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tenants(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: Vec<Tenant>,
    by_slug: HashMap<TenantId, usize>,
    by_host: HashMap<String, usize>,
}

impl Tenants {
    /// Reads `tenants.toml`.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::invalid(
                "tenants.file",
                format!("{} cannot be read ({error}): create it, or run `parvis demo`", path.display()),
            )
        })?;
        let file: File = toml::from_str(&text)
            .map_err(|error| Error::invalid("tenants.file", format!("{}: {error}", path.display())))?;
        Self::new(file.tenant)
    }

    /// Checks and indexes them.
    pub fn new(all: Vec<Tenant>) -> Result<Self> {
        let (mut by_slug, mut by_host) = (HashMap::new(), HashMap::new());
        for (at, tenant) in all.iter().enumerate() {
            if by_slug.insert(tenant.slug.clone(), at).is_some() {
                return Err(Error::invalid("tenants.file", format!("two tenants are called {}", tenant.slug)));
            }
            if TimeZone::get(&tenant.timezone).is_err() {
                return Err(Error::invalid("tenants.file", format!("{}: no such timezone", tenant.slug)));
            }
            for host in &tenant.hosts {
                if by_host.insert(host.to_lowercase(), at).is_some() {
                    return Err(Error::invalid("tenants.file", format!("the host {host} shows two tenants")));
                }
            }
        }
        Ok(Self(Arc::new(Inner { all, by_slug, by_host })))
    }

    /// One by its slug.
    pub fn get(&self, slug: &TenantId) -> Option<&Tenant> {
        self.0.by_slug.get(slug).and_then(|at| self.0.all.get(*at))
    }

    /// The zone whose days are an authority's; Europe/Paris where it is not served here (any more).
    pub fn zone_of(&self, slug: &TenantId) -> TimeZone {
        self.get(slug).map_or_else(paris_zone, Tenant::zone)
    }

    /// One by the host of a request, with or without a port.
    pub fn by_host(&self, host: &str) -> Option<&Tenant> {
        let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let name = name.map_or(host, |(name, _)| name).to_lowercase();
        self.0.by_host.get(&name).and_then(|at| self.0.all.get(*at))
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Tenant] {
        &self.0.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_authority_else_of_paris() {
        let text = "[[tenant]]\nslug = \"saint-denis\"\nname = \"Saint-Denis\"\ninsee = \"97411\"\n\
                    timezone = \"Indian/Reunion\"\n";
        let file: File = toml::from_str(text).unwrap();
        let tenants = Tenants::new(file.tenant).unwrap();
        let zone = |slug: &str| tenants.zone_of(&TenantId::parse(slug).unwrap());
        assert_eq!(zone("saint-denis").iana_name(), Some("Indian/Reunion"));
        assert_eq!(zone("partie").iana_name(), Some("Europe/Paris"));
    }
}
