//! The keys that sign tokens, as this process knows them; the database has them all.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use parvis_kernel::{Error, Result, Timestamp};
use parvis_runtime::Claims;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::{Digest as _, Sha256};

use crate::domain::key_schedule::{KeyTimes, signing};

/// A key that signs, as it is in memory.
pub struct StoredKey {
    /// Its name in tokens.
    pub kid: String,
    /// PKCS #8, DER.
    pub private_key: SecretSlice<u8>,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// When it signs and goes.
    pub times: KeyTimes,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey").field("kid", &self.kid).field("times", &self.times).finish_non_exhaustive()
    }
}

impl StoredKey {
    /// Draws a key pair.
    pub fn draw(times: KeyTimes) -> Result<Self> {
        let seed = SecretSlice::from(rand::random::<[u8; 32]>().to_vec());
        let seed: &[u8; 32] = seed.expose_secret().try_into().map_err(Error::internal)?;
        let pair = SigningKey::from_bytes(seed);
        let document = pair.to_pkcs8_der().map_err(|_| Error::internal("a key cannot be encoded"))?;
        let private_key = SecretSlice::from(document.as_bytes().to_vec());
        Ok(Self::new(private_key, &pair, times))
    }

    /// The pair of a private key; `None` where it is none.
    pub fn of(private_key: SecretSlice<u8>, times: KeyTimes) -> Option<Self> {
        let pair = SigningKey::from_pkcs8_der(private_key.expose_secret()).ok()?;
        Some(Self::new(private_key, &pair, times))
    }

    fn new(private_key: SecretSlice<u8>, pair: &SigningKey, times: KeyTimes) -> Self {
        let public_key = pair.verifying_key().to_bytes().to_vec();
        Self { kid: thumbprint(&public_key), private_key, public_key, times }
    }

    fn jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": URL_SAFE_NO_PAD.encode(&self.public_key),
            "kid": self.kid,
            "use": "sig",
            "alg": "EdDSA",
        })
    }
}

/// The key's name: its thumbprint (RFC 7638).
fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()))
}

/// The keys, read without waiting and replaced at once. Cheap to clone.
#[derive(Clone, Default)]
pub struct KeyRing(Arc<ArcSwap<Vec<StoredKey>>>);

impl KeyRing {
    /// Takes the database's keys.
    pub fn replace(&self, keys: Vec<StoredKey>) {
        self.0.store(Arc::new(keys));
    }

    /// The public keys in force at `now` as a JWK set (RFC 7517).
    pub fn jwks(&self, now: Timestamp) -> String {
        let keys = self.0.load();
        let published: Vec<_> = keys.iter().filter(|key| key.times.is_published(now)).map(StoredKey::jwk).collect();
        serde_json::json!({ "keys": published }).to_string()
    }

    /// A signed token.
    pub fn sign(&self, claims: &Claims, now: Timestamp) -> Result<String> {
        let keys = self.0.load();
        let key = signing(&keys, |key| key.times, now)
            .ok_or_else(|| Error::unavailable("the keys that sign tokens are not read yet; try again"))?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let signer = EncodingKey::from_ed_der(key.private_key.expose_secret());
        jsonwebtoken::encode(&header, claims, &signer).map_err(|_| Error::internal("a token cannot be signed"))
    }
}
