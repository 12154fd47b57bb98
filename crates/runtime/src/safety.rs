//! Settings that work and are not safe: what stops a start, and what `parvis config check` says.

use parvis_kernel::{Error, Result};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::config::Config;

/// SHA-256 of the keys and passwords that are published: in the examples for Compose and Kubernetes, in the
/// demonstration. Whoever read the repository has them.
const PUBLISHED: [&str; 5] = [
    // The demonstration's accounts.
    "bd06126ab6356d0e12288ae9fecc7b62016cd14522adccdc93f406e0c13c781d",
    // The examples' databases and broker.
    "2d312672f496ea2d8f549022d43ee28823d1182649c012e0cd6b970d8ebfa90d",
    // docker-compose.yml: identity.sealing_key.
    "f77a6b30a3750a75730571cab8a91f840d0e74d814a474855a1a96d456a53739",
    // k8s/overlays/town: identity.sealing_key, gateway.session_key.
    "b03142b7755ccd265fba9d21b4af88591b56951b2bdeaae0dfad6689f74fe77a",
    "662e23f7e644865c9e4ca2c8d5743a9d363cba2c240b2e7625fe0680f7780be2",
];

/// Settings that are a secret as a whole.
const SECRETS: [&str; 7] = [
    "bus.password",
    "gateway.session_key",
    "identity.demo_password",
    "identity.sealing_key",
    "identity.sealing_key_before",
    "intake.s3_access_key",
    "intake.s3_secret_key",
];

/// Settings whose value is one that is published, by name.
pub fn published(config: &Config) -> Vec<&'static str> {
    let is_published = |text: &str| {
        let digest = hex::encode(Sha256::digest(text.trim()));
        PUBLISHED.iter().any(|known| *known == digest)
    };
    let mut found: Vec<&'static str> =
        SECRETS.into_iter().filter(|name| config.text(name).is_some_and(|text| is_published(&text))).collect();
    if password_in(config.store.url.expose_secret()).is_some_and(is_published) {
        found.push("store.url");
    }
    found
}

/// The password in `scheme://login:password@host/…`.
fn password_in(url: &str) -> Option<&str> {
    let (login, _) = url.split_once("://")?.1.rsplit_once('@')?;
    login.split_once(':').map(|(_, password)| password)
}

/// Refuses to serve people with secrets that everybody has.
///
/// # Errors
/// "Invalid", naming the settings.
pub fn require_own_secrets(config: &Config) -> Result<()> {
    let found = published(config);
    if found.is_empty() || config.server.is_demonstration() {
        return Ok(());
    }
    Err(Error::invalid(
        found.join(", "),
        "the value is published in Parvis's own examples: make one of your own (server.demonstration = true takes it, \
         for a try-out at http://localhost)",
    ))
}

/// Whether an address leads to the machine that opens it.
pub(crate) fn is_local(url: &str) -> bool {
    let host = url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
    let name = host.split_once("]:").map_or(host, |(name, _)| name).trim_end_matches(']');
    name == "[::1" || matches!(name.split(':').next(), Some("localhost" | "127.0.0.1"))
}

/// What is unsafe though it works, in a sentence each.
pub fn warnings(config: &Config) -> Vec<String> {
    let server = &config.server;
    let https = server.public_url.starts_with("https://");
    let local = is_local(&server.public_url);
    let mut said = Vec::new();
    let mut say = |when: bool, text: &str| {
        if when {
            said.push(text.to_owned());
        }
    };
    say(
        server.demonstration,
        "server.demonstration: this is no place for people's requests: published passwords and keys are taken",
    );
    say(!https && !local, "server.public_url: links begin with http://: passwords and requests travel in clear");
    say(
        https && !server.has_secure_cookies(),
        "server.secure_cookies: false behind HTTPS: cookies also travel in clear",
    );
    say(
        https && server.trusted_proxies == 0,
        "server.trusted_proxies: 0 behind HTTPS: where a proxy ends it, everybody has the proxy's address, and one \
         limit for all",
    );
    say(server.grpc_reflection, "server.grpc_reflection: whoever reaches the gRPC port reads every contract there");
    say(
        config.text("gateway.rate_per_minute").as_deref() == Some("0"),
        "gateway.rate_per_minute: 0: one address may try as many passwords as it likes",
    );
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Config {
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Config::load_with(None, &settings).unwrap()
    }

    #[test]
    fn published_secrets_are_for_the_demonstration_alone() {
        for (name, value) in [
            ("bus.password", "parvis"),
            ("identity.demo_password", "bienvenue-a-clairval"),
            ("store.url", "postgres://parvis_{role}:parvis@postgres:5432/parvis_{role}"),
        ] {
            let error = require_own_secrets(&config(&[(name, value)])).unwrap_err();
            assert!(error.message().contains(name), "{error}");
            let tried = [(name, value), ("server.demonstration", "true")];
            require_own_secrets(&config(&tried)).unwrap();
            let real = [tried[0], tried[1], ("server.public_url", "https://mairie.example")];
            assert!(require_own_secrets(&config(&real)).is_err(), "people reach it");
        }
        let own = [("bus.password", "une-autre"), ("store.url", "postgres://p:parvis2@h/{role}")];
        require_own_secrets(&config(&own)).unwrap();
        require_own_secrets(&config(&[])).unwrap();
    }

    /// The list is what the examples publish: a new example without its line here would be taken by a real town.
    #[test]
    fn every_secret_of_the_examples_is_known() {
        let compose = include_str!("../../../docker-compose.yml");
        let town = include_str!("../../../k8s/overlays/town/kustomization.yaml");
        let after = |text: &'static str, name: &str, end: char| {
            let at = text.find(name).unwrap_or_else(|| panic!("{name} is in no example any more"));
            text[at + name.len()..].split(end).next().unwrap()
        };
        for (setting, value) in [
            ("identity.demo_password", after(compose, "${PARVIS_DEMO_PASSWORD:-", '}')),
            ("identity.demo_password", after(town, "name: PARVIS__IDENTITY__DEMO_PASSWORD, value: ", ' ')),
        ] {
            assert_eq!(published(&config(&[(setting, value)])), [setting], "{value}");
        }
    }

    #[test]
    fn only_one_s_own_machine_is_local() {
        for url in [
            "http://localhost",
            "http://localhost:8080/x",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://[::1]",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://mairie.example", "http://localhost.example", "http://127.0.0.10", "http://[2001::1]:80"] {
            assert!(!is_local(url), "{url}");
        }
    }

    #[test]
    fn what_is_unsafe_is_said() {
        assert!(warnings(&config(&[])).is_empty());
        let said = |settings: &[(&str, &str)]| warnings(&config(settings)).join("\n");
        assert!(said(&[("server.public_url", "http://mairie.example")]).contains("public_url"));
        let behind = [("server.public_url", "https://mairie.example"), ("server.secure_cookies", "false")];
        assert!(said(&behind).contains("secure_cookies") && said(&behind).contains("trusted_proxies"));
        let good = [("server.public_url", "https://mairie.example"), ("server.trusted_proxies", "1")];
        assert_eq!(said(&good), "");
        for (name, value) in
            [("server.demonstration", "true"), ("gateway.rate_per_minute", "0"), ("server.grpc_reflection", "true")]
        {
            assert!(said(&[(name, value)]).contains(name));
        }
    }
}
