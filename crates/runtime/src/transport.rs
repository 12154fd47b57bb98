//! How a role is reached: in this process, through the same layers, or by a channel.

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::{Request, Response};
use parvis_kernel::{Error, Result};
use tonic::body::Body;
use tower::{ServiceExt as _, util::BoxCloneSyncService};

use crate::{config::ServicesConfig, rpc::Guarded, tls::Tls};

/// What a generated client speaks through: `IntakeServiceClient::new(transport)`.
pub type Transport = BoxCloneSyncService<Request<Body>, Response<Body>, tonic::Status>;

/// A transport to a service of this process.
pub fn local(service: Guarded<tonic::service::Routes>) -> Transport {
    let routed = tower::ServiceExt::<Request<Body>>::map_err(service, |never| match never {});
    BoxCloneSyncService::new(routed)
}

/// A transport to `url` (`http://host:port`, with `tls` `https://host:port`), connected on first use and again whenever
/// needed.
pub fn remote(url: &str, tls: Option<&Tls>) -> Result<Transport> {
    let mut endpoint = tonic::transport::Endpoint::from_shared(url.to_owned())
        .map_err(|error| Error::invalid("services", format!("« {url} » is not an address: {error}")))?
        .connect_timeout(Duration::from_secs(2))
        .http2_keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .tcp_nodelay(true)
        .http2_max_header_list_size(parvis_proto::MAX_HEADERS);
    if let Some(tls) = tls {
        endpoint = endpoint
            .tls_config(tls.client())
            .map_err(|error| Error::invalid("tls", format!("these certificates cannot be used: {error}")))?;
    }
    let channel = endpoint
        .connect_lazy()
        .map_err(|error| tonic::Status::unavailable(format!("the service does not answer: {error}")));
    Ok(BoxCloneSyncService::new(channel))
}

/// A transport to each role.
#[derive(Clone, Default)]
pub struct Clients(Arc<HashMap<&'static str, Transport>>);

impl Clients {
    /// Near where the role is in this process, else far.
    pub fn new(near: HashMap<&'static str, Transport>, far: &ServicesConfig) -> Result<Self> {
        Self::with_tls(near, far, None)
    }

    /// The same, with certificates shown on both sides.
    pub fn with_tls(
        mut near: HashMap<&'static str, Transport>,
        far: &ServicesConfig,
        tls: Option<&Tls>,
    ) -> Result<Self> {
        for role in crate::role::GRPC_ROLES {
            let url = far.of(role);
            if !near.contains_key(role) && !url.is_empty() {
                near.insert(role, remote(url, tls)?);
            }
        }
        Ok(Self(Arc::new(near)))
    }

    /// The transport to `role`.
    ///
    /// # Errors
    /// "Unavailable" where the role is neither here nor configured.
    pub fn to(&self, role: &'static str) -> Result<Transport> {
        self.0
            .get(role)
            .cloned()
            .ok_or_else(|| Error::unavailable(format!("{role} is neither in this process nor in services.{role}")))
    }
}
