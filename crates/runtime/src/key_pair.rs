//! A pair of keys that signs tokens (Ed25519), and its public half as others read it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use parvis_kernel::{Error, Result};
use secrecy::{ExposeSecret as _, SecretSlice};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A pair of keys.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// Its name in tokens: the thumbprint of the public half (RFC 7638).
    pub kid: String,
    /// PKCS #8, DER.
    pub private_key: SecretSlice<u8>,
    /// 32 bytes.
    pub public_key: Vec<u8>,
}

impl KeyPair {
    /// Draws one.
    pub fn draw() -> Result<Self> {
        let seed = SecretSlice::from(rand::random::<[u8; 32]>().to_vec());
        let seed: &[u8; 32] = seed.expose_secret().try_into().map_err(Error::internal)?;
        let pair = SigningKey::from_bytes(seed);
        let document = pair.to_pkcs8_der().map_err(|_| Error::internal("a key cannot be encoded"))?;
        Ok(Self::new(SecretSlice::from(document.as_bytes().to_vec()), &pair))
    }

    /// The pair of a private key; `None` where it is none.
    pub fn of(private_key: SecretSlice<u8>) -> Option<Self> {
        let pair = SigningKey::from_pkcs8_der(private_key.expose_secret()).ok()?;
        Some(Self::new(private_key, &pair))
    }

    fn new(private_key: SecretSlice<u8>, pair: &SigningKey) -> Self {
        let public_key = pair.verifying_key().to_bytes().to_vec();
        Self { kid: thumbprint(&public_key), private_key, public_key }
    }

    /// The public half (RFC 7517, RFC 8037).
    pub fn jwk(&self) -> serde_json::Value {
        jwk(&self.kid, &self.public_key)
    }

    /// Signed claims; `typ` tells one sort of token from another.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String> {
        let header = Header { kid: Some(self.kid.clone()), typ: Some(typ.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let signer = EncodingKey::from_ed_der(self.private_key.expose_secret());
        jsonwebtoken::encode(&header, claims, &signer).map_err(|_| Error::internal("a token cannot be signed"))
    }
}

/// A public key of Ed25519 (RFC 7517, RFC 8037).
pub fn jwk(kid: &str, public_key: &[u8]) -> serde_json::Value {
    serde_json::json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(public_key),
        "kid": kid,
        "use": "sig",
        "alg": "EdDSA",
    })
}

fn thumbprint(public_key: &[u8]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public_key);
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()))
}
