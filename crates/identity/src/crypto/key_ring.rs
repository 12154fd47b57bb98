//! The keys that sign tokens, as this process knows them; the database has them all.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use parvis_kernel::{Error, Result, Timestamp};
use parvis_runtime::{
    Claims,
    key_pair::{self, KeyPair},
};
use secrecy::{ExposeSecret as _, SecretSlice};

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
        KeyPair::draw().map(|pair| Self::new(pair, times))
    }

    /// The pair of a private key; `None` where it is none.
    pub fn of(private_key: SecretSlice<u8>, times: KeyTimes) -> Option<Self> {
        KeyPair::of(private_key).map(|pair| Self::new(pair, times))
    }

    fn new(pair: KeyPair, times: KeyTimes) -> Self {
        Self { kid: pair.kid, private_key: pair.private_key, public_key: pair.public_key, times }
    }

    fn jwk(&self) -> serde_json::Value {
        key_pair::jwk(&self.kid, &self.public_key)
    }
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
