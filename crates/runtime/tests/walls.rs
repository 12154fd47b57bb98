//! gRPC between processes: whoever shows no certificate of the town's authority is not heard, and is not believed.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use anyhow::Result;
use parvis_kernel::{SystemClock, TenantId};
use parvis_proto::identity::{GetJwksRequest, identity_service_client::IdentityServiceClient};
use parvis_runtime::{
    Clients, Config, Node, RoleParts, RoleSpec, call_as,
    config::{ServicesConfig, TlsConfig},
    tls::Tls,
};
use parvis_testkit::Authority;

/// A role that serves nothing: its process still answers gRPC, saying that it has no such method.
const NOTHING: RoleSpec = RoleSpec {
    name: "gateway",
    migrations: None,
    check: |_| Ok(()),
    create: |_| Box::pin(async { Ok(RoleParts::default()) }),
};

fn files(authority: &Authority, name: &str) -> Result<TlsConfig> {
    let files = authority.certify(name)?;
    Ok(TlsConfig {
        ca: authority.certificate().display().to_string(),
        cert: files.cert.display().to_string(),
        key: files.key.display().to_string(),
    })
}

async fn serve(tls: &TlsConfig) -> Result<Node> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tenants = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/tenants.toml");
    let settings = [
        ("server.http_listen", "127.0.0.1:0".to_owned()),
        ("server.grpc_listen", "127.0.0.1:0".to_owned()),
        ("server.probes_listen", "127.0.0.1:0".to_owned()),
        ("tenants.file", tenants.to_owned()),
        ("tls.ca", tls.ca.clone()),
        ("tls.cert", tls.cert.clone()),
        ("tls.key", tls.key.clone()),
    ];
    Ok(Node::start(Config::load_with(None, &settings)?, &[NOTHING], Arc::new(SystemClock), None).await?)
}

/// What a caller gets; "unimplemented" is an answer of the server's.
async fn call(scheme: &str, to: SocketAddr, tls: Option<&TlsConfig>) -> Result<tonic::Code> {
    let tls = tls.map(Tls::load).transpose()?.flatten();
    let far = ServicesConfig { identity: format!("{scheme}://{to}"), ..ServicesConfig::default() };
    let clients = Clients::with_tls(HashMap::new(), &far, tls.as_ref())?;
    let mut client = IdentityServiceClient::new(clients.to("identity")?);
    let answer = client.get_jwks(call_as(GetJwksRequest {}, None, &TenantId::parse("clairval")?)).await;
    Ok(answer.expect_err("it serves nothing").code())
}

#[tokio::test]
async fn only_certificates_of_the_town_are_heard() -> Result<()> {
    let (town, foreign) = (Authority::new()?, Authority::new()?);
    let node = serve(&files(&town, "identity")?).await?;
    assert_eq!(call("https", node.grpc, Some(&files(&town, "casework")?)).await?, tonic::Code::Unimplemented);
    assert_eq!(call("http", node.grpc, None).await?, tonic::Code::Unavailable, "without TLS");
    // It trusts the server, and shows a certificate of another authority.
    let stranger = TlsConfig { ca: town.certificate().display().to_string(), ..files(&foreign, "casework")? };
    assert_eq!(call("https", node.grpc, Some(&stranger)).await?, tonic::Code::Unavailable, "of another authority");
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_believed() -> Result<()> {
    let (town, foreign) = (Authority::new()?, Authority::new()?);
    // It takes the town's certificates, and has none of it.
    let pretender = TlsConfig { ca: town.certificate().display().to_string(), ..files(&foreign, "identity")? };
    let node = serve(&pretender).await?;
    assert_eq!(call("https", node.grpc, Some(&files(&town, "casework")?)).await?, tonic::Code::Unavailable);
    node.stop().await;
    Ok(())
}

#[test]
fn half_of_the_settings_is_refused() {
    let refused = |settings: &[(&str, &str)]| {
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Config::load_with(None, &settings).err().expect("refused").message().to_owned()
    };
    assert!(refused(&[("tls.ca", "ca.crt"), ("tls.cert", "role.crt")]).contains("three files"));
    let three = [("tls.ca", "ca.crt"), ("tls.cert", "role.crt"), ("tls.key", "role.key")];
    let plain = refused(&[&three[..], &[("services.intake", "http://intake:8081")]].concat());
    assert!(plain.contains("https://"), "{plain}");
    assert!(refused(&[("services.intake", "https://intake:8081")]).contains("http://"));
    assert!(refused(&[("bus.kind", "nats"), ("bus.make_streams", "false")]).contains("bus.user"));
}
