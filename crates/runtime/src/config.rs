//! Settings: commented defaults embedded, then a file, then the environment, then files of secrets, then checks.

mod secret_files;

use std::{net::SocketAddr, path::Path};

use parvis_kernel::{Error, Result};
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{safety::is_local, tls::Tls};

/// The defaults, commented.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// This process among those of its roles.
    pub name: String,
    /// Pages, REST, and whether the process lives.
    #[serde(deserialize_with = "listen_address")]
    pub http_listen: SocketAddr,
    /// gRPC of the roles of this process.
    #[serde(deserialize_with = "listen_address")]
    pub grpc_listen: SocketAddr,
    /// Probes and metrics, for those who run it.
    #[serde(deserialize_with = "listen_address")]
    pub probes_listen: SocketAddr,
    /// Connections of each of the two other ports at most.
    pub max_connections: usize,
    /// Those of one address at most.
    pub max_connections_by_address: usize,
    /// What links in notices begin with.
    pub public_url: String,
    /// How long to finish what is in hand.
    pub shutdown_grace_seconds: u64,
    /// Whether cookies need HTTPS; as `public_url` says where nothing is set.
    #[serde(deserialize_with = "perhaps")]
    secure_cookies: Option<bool>,
    /// Proxies in front.
    pub trusted_proxies: usize,
    /// Whether it is meant as a try-out: see [`ServerConfig::is_demonstration`].
    pub demonstration: bool,
    /// Whether the gRPC port tells its contracts; it does in the demonstration.
    pub grpc_reflection: bool,
    /// Networks of the doors that call the roles, by commas.
    pub trusted_callers: String,
}

impl ServerConfig {
    /// Whether cookies need HTTPS.
    pub fn has_secure_cookies(&self) -> bool {
        self.secure_cookies.unwrap_or_else(|| self.public_url.starts_with("https://"))
    }

    /// Whether published passwords and keys are taken. Where people reach it, it is no try-out, whatever the default
    /// of an example says.
    pub fn is_demonstration(&self) -> bool {
        self.demonstration && is_local(&self.public_url)
    }
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// Address, `{role}` standing for the role's name.
    pub url: SecretString,
    /// File of the password, `{role}` standing for the role's name; empty: the address has it.
    pub password_file: String,
    /// Connections a role; 0: the default of the database.
    pub max_connections: u32,
    /// How far back a broker can be refilled.
    pub outbox_keep_days: u32,
}

/// `[bus]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// Which one.
    pub kind: BusKind,
    /// File of the embedded one.
    pub path: String,
    /// Address of NATS.
    pub url: String,
    /// Login on NATS; empty: none.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// A `.creds` file; empty: none.
    pub credentials_file: String,
    /// Certificates to trust beside the system's; empty: none.
    pub root_certificates: String,
    /// Whether each role makes its stream; else `parvis bus prepare` does.
    pub make_streams: bool,
    /// Copies of each stream.
    pub replicas: usize,
    /// Size of each stream at most.
    pub max_gigabytes: u32,
}

/// Which bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum BusKind {
    /// In this process.
    Embedded,
    /// NATS JetStream.
    Nats,
}

impl TryFrom<String> for BusKind {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "embedded" => Ok(Self::Embedded),
            "nats" => Ok(Self::Nats),
            other => Err(format!("bus.kind: « {other} » is not one of: embedded, nats")),
        }
    }
}

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Filter of the log.
    pub log: String,
    /// `text` or `json`.
    pub format: String,
    /// Where traces go; empty: nowhere.
    pub otlp_endpoint: String,
    /// Share of traces kept.
    pub trace_ratio: f64,
}

/// `[services]`: where the roles of other processes listen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the address of the role of its name")]
pub struct ServicesConfig {
    pub identity: String,
    pub intake: String,
    pub casework: String,
    pub routing: String,
    pub knowledge: String,
    pub notification: String,
    pub tracking: String,
}

impl ServicesConfig {
    /// The address of `role`; empty where none is set.
    pub fn of(&self, role: &str) -> &str {
        match role {
            "identity" => &self.identity,
            "intake" => &self.intake,
            "casework" => &self.casework,
            "routing" => &self.routing,
            "knowledge" => &self.knowledge,
            "notification" => &self.notification,
            "tracking" => &self.tracking,
            _ => "",
        }
    }
}

/// `[tls]`: between the roles of different processes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Certificate of the authority whose certificates are taken; PEM.
    pub ca: String,
    /// This process's certificate, shown to callers and to whom it calls; PEM.
    pub cert: String,
    /// Its private key; PEM.
    pub key: String,
}

#[derive(Deserialize)]
struct TenantsSection {
    file: String,
}

/// All settings.
#[derive(Clone)]
pub struct Config {
    /// `[server]`
    pub server: ServerConfig,
    /// `[store]`
    pub store: StoreConfig,
    /// `[bus]`
    pub bus: BusConfig,
    /// `[services]`
    pub services: ServicesConfig,
    /// `[tls]`
    pub tls: TlsConfig,
    /// `[telemetry]`
    pub telemetry: TelemetryConfig,
    /// `tenants.file`
    pub tenants_file: String,
    all: config::Config,
}

const SECTIONS: [&str; 15] = [
    "server",
    "store",
    "bus",
    "tenants",
    "services",
    "tls",
    "telemetry",
    "gateway",
    "intake",
    "identity",
    "casework",
    "routing",
    "knowledge",
    "notification",
    "tracking",
];

impl Config {
    /// Reads the settings. `file`: absent means `parvis.toml` where there is one.
    ///
    /// # Errors
    /// "Invalid" naming the setting and what to change.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        Self::load_with(file, &[])
    }

    /// The same, with settings that win over everything (`("server.http_listen", "127.0.0.1:0")`).
    pub fn load_with(file: Option<&Path>, overrides: &[(&str, String)]) -> Result<Self> {
        let mut builder =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        builder = match file {
            Some(path) => builder.add_source(config::File::from(path).format(config::FileFormat::Toml).required(true)),
            None => builder.add_source(config::File::new("parvis.toml", config::FileFormat::Toml).required(false)),
        };
        builder = builder.add_source(environment());
        for (key, value) in overrides {
            builder = builder.set_override(*key, value.clone()).map_err(|error| config_error(key, &error))?;
        }
        let mut all = builder.build().map_err(|error| config_error("config", &error))?;
        secret_files::read(&mut all)?;
        let known: std::collections::HashMap<String, config::Value> =
            all.clone().try_deserialize().map_err(|error| config_error("config", &error))?;
        if let Some(unknown) = known.keys().find(|key| !SECTIONS.contains(&key.as_str())) {
            return Err(Error::invalid(unknown.as_str(), format!("no such section; known: {}", SECTIONS.join(", "))));
        }
        let this = Self {
            server: section(&all, "server")?,
            store: section(&all, "store")?,
            bus: section(&all, "bus")?,
            services: section(&all, "services")?,
            tls: section(&all, "tls")?,
            telemetry: section(&all, "telemetry")?,
            tenants_file: section::<TenantsSection>(&all, "tenants")?.file,
            all,
        };
        this.check()?;
        Ok(this)
    }

    /// A role's own section. Give the type `#[serde(deny_unknown_fields)]`.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        section(&self.all, name)
    }

    /// Changes of one address a minute at every door, the roles' own too; 0: no limit.
    pub(crate) fn gateway_rate_per_minute(&self) -> Result<u32> {
        self.all.get("gateway.rate_per_minute").map_err(|error| config_error("gateway.rate_per_minute", &error))
    }

    /// One setting as text, for display; `None` where there is none.
    pub fn text(&self, key: &str) -> Option<String> {
        self.all.get_string(key).ok()
    }

    fn check(&self) -> Result<()> {
        if !self.server.public_url.starts_with("http://") && !self.server.public_url.starts_with("https://") {
            return Err(Error::invalid("server.public_url", "must begin with http:// or https://"));
        }
        if self.server.max_connections == 0 || self.server.max_connections_by_address == 0 {
            return Err(Error::invalid("server.max_connections", "must be at least 1, and so must those by address"));
        }
        crate::client::Networks::parse(&self.server.trusted_callers, "server.trusted_callers")?;
        if !(0.0..=1.0).contains(&self.telemetry.trace_ratio) {
            return Err(Error::invalid("telemetry.trace_ratio", "must be between 0 and 1"));
        }
        if !matches!(self.telemetry.format.as_str(), "text" | "json") {
            return Err(Error::invalid("telemetry.format", "must be text or json"));
        }
        if self.bus.kind == BusKind::Nats && !self.bus.make_streams && self.bus.user.is_empty() {
            return Err(Error::invalid(
                "bus.make_streams",
                "false is for a broker with one user a role: set bus.user too",
            ));
        }
        Tls::check(&self.tls, &self.services)?;
        parvis_store::StoreUrl::for_role(&self.store.url, "check").map(|_| ())
    }
}

/// Values stay text until a section reads them as what they are: parsed first, the password « 0123 » would become « 123 ».
fn environment() -> config::Environment {
    config::Environment::with_prefix("PARVIS").prefix_separator("__").separator("__")
}

fn section<T: DeserializeOwned>(all: &config::Config, name: &str) -> Result<T> {
    all.get(name).map_err(|error| config_error(name, &error))
}

/// Names the settings: the error of the address itself says neither which one nor what was read.
fn listen_address<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "« {text} » is not an address such as 0.0.0.0:8080 (server.http_listen, grpc_listen or probes_listen)"
        ))
    })
}

/// `true`, `false`, or nothing (`auto`).
fn perhaps<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Plainly(bool),
        InText(String),
    }
    match Said::deserialize(deserializer)? {
        Said::Plainly(set) => Ok(Some(set)),
        Said::InText(text) => match text.as_str() {
            "auto" | "" => Ok(None),
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(serde::de::Error::custom("server.secure_cookies must be true, false or auto")),
        },
    }
}

fn config_error(section: &str, error: &config::ConfigError) -> Error {
    Error::invalid(section, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        let config = Config::load_with(None, &[]).unwrap();
        assert_eq!(config.bus.kind, BusKind::Embedded);
    }

    #[test]
    fn the_environment_gives_numbers_and_leaves_passwords_alone() {
        let set = [("BUS__PASSWORD", "0123"), ("BUS__REPLICAS", "3"), ("SERVER__SECURE_COOKIES", "true")];
        let set = set.map(|(name, value)| (format!("PARVIS__{name}"), value.to_owned()));
        let mut all = config::Config::builder()
            .add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml))
            .add_source(environment().source(Some(set.into())))
            .build()
            .unwrap();
        secret_files::read(&mut all).unwrap();
        let bus: BusConfig = section(&all, "bus").unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&bus.password), "0123");
        assert_eq!(bus.replicas, 3);
        assert!(section::<ServerConfig>(&all, "server").unwrap().has_secure_cookies());
    }

    #[test]
    fn cookies_follow_the_address_unless_told_otherwise() {
        let secure = |settings: &[(&str, &str)]| {
            let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            Config::load_with(None, &settings).map(|config| config.server.has_secure_cookies())
        };
        let https = ("server.public_url", "https://mairie.example");
        assert!(!secure(&[]).unwrap() && secure(&[https]).unwrap());
        assert!(!secure(&[https, ("server.secure_cookies", "false")]).unwrap());
        assert!(secure(&[("server.secure_cookies", "true")]).unwrap());
        assert!(secure(&[("server.secure_cookies", "maybe")]).is_err());
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let error = Config::load_with(None, &[("server.http_listen", "nowhere".into())]).err().unwrap();
        assert!(error.message().contains("http_listen"), "{error}");
        let error = Config::load_with(None, &[("sever.x", "1".into())]).err().unwrap();
        assert!(error.message().contains("sever"), "{error}");
    }
}
