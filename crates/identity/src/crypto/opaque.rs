//! Secrets that are random enough to be kept as a plain digest: refresh tokens, partners' secrets.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Characters of one.
pub const LENGTH: usize = 43;

/// A fresh secret: 256 random bits, base64url.
pub fn draw() -> SecretString {
    SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// What is kept of one.
pub fn digest(secret: &SecretString) -> Vec<u8> {
    Sha256::digest(secret.expose_secret().as_bytes()).to_vec()
}

/// Whether `secret` is the one whose digest is `kept`, in a time that says nothing.
pub fn matches(secret: &SecretString, kept: &[u8]) -> bool {
    digest(secret).as_slice().ct_eq(kept).into()
}

/// A random id.
pub fn draw_id() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}
