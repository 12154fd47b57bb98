//! The wall between processes: each shows a certificate of the town's own authority, and takes no other.

use std::time::Duration;

use parvis_kernel::{Error, Result};
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use crate::config::{ServicesConfig, TlsConfig};

/// How long whoever connects has to show its certificate.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// What a process shows, and whom it takes.
#[derive(Clone)]
pub struct Tls {
    authority: Certificate,
    ourselves: Identity,
}

impl Tls {
    /// Refuses settings that contradict each other: a part of `tls` alone, or addresses of the other kind.
    ///
    /// # Errors
    /// "Invalid" naming the setting.
    pub fn check(tls: &TlsConfig, services: &ServicesConfig) -> Result<()> {
        let given = [("tls.ca", &tls.ca), ("tls.cert", &tls.cert), ("tls.key", &tls.key)];
        let is_set = given.iter().any(|(_, file)| !file.is_empty());
        if let Some((name, _)) = given.iter().find(|(_, file)| is_set && file.is_empty()) {
            return Err(Error::invalid(*name, "give the three files of [tls], or none"));
        }
        for role in crate::role::GRPC_ROLES {
            let url = services.of(role);
            let begins = if is_set { "https://" } else { "http://" };
            if !url.is_empty() && !url.starts_with(begins) {
                let why = if is_set { "with [tls]" } else { "without [tls]" };
                return Err(Error::invalid(format!("services.{role}"), format!("must begin with {begins} {why}")));
            }
        }
        Ok(())
    }

    /// Reads the files; `None` where none are set. They are read at the start: a new certificate needs a restart.
    ///
    /// # Errors
    /// "Invalid" naming the setting whose file cannot be read.
    pub fn load(tls: &TlsConfig) -> Result<Option<Self>> {
        if tls.ca.is_empty() {
            return Ok(None);
        }
        let read = |name: &'static str, path: &str| {
            std::fs::read(path).map_err(|error| Error::invalid(name, format!("{path} cannot be read: {error}")))
        };
        Ok(Some(Self {
            authority: Certificate::from_pem(read("tls.ca", &tls.ca)?),
            ourselves: Identity::from_pem(read("tls.cert", &tls.cert)?, read("tls.key", &tls.key)?),
        }))
    }

    /// For a server: whoever connects shows a certificate of the authority, or is not heard.
    pub fn server(&self) -> ServerTlsConfig {
        let tls = ServerTlsConfig::new().identity(self.ourselves.clone());
        tls.client_ca_root(self.authority.clone()).timeout(HANDSHAKE)
    }

    /// For a client: the server shows a certificate of the authority for the host that is called.
    pub fn client(&self) -> ClientTlsConfig {
        ClientTlsConfig::new().ca_certificate(self.authority.clone()).identity(self.ourselves.clone())
    }
}
