//! Private keys at rest: encrypted (AES-256-GCM) under a key that the database does not have.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parvis_kernel::{AgentId, Error, Result, TenantId};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha2::{Digest as _, Sha256};

use super::key_ring::StoredKey;
use crate::domain::key_schedule::KeyTimes;

/// Bytes of a key that seals.
const KEY_BYTES: usize = 32;
/// What a sealed key is bound to, besides its name.
const SIGNING_KEY: &[u8] = b"parvis identity signing key 1\0";
/// What the secret of a second factor is bound to, besides whose it is.
const SECOND_FACTOR: &[u8] = b"parvis identity second factor 1\0";

/// A key that seals others.
pub struct SealingKey {
    id: String,
    key: LessSafeKey,
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SealingKey {
    /// Reads one, `setting` being where it comes from.
    pub fn parse(text: &SecretString, setting: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text.expose_secret().trim()).unwrap_or_default();
        let bytes = SecretSlice::from(bytes);
        let key = UnboundKey::new(&AES_256_GCM, bytes.expose_secret())
            .ok()
            .filter(|_| bytes.expose_secret().len() == KEY_BYTES)
            .ok_or_else(|| {
                Error::invalid(setting, "must be 32 bytes in base64: make one with `openssl rand -base64 32`")
            })?;
        // A digest of so much randomness tells nothing of it.
        let digest = Sha256::new().chain_update(b"parvis sealing key\0").chain_update(bytes.expose_secret()).finalize();
        Ok(Self { id: hex::encode(&digest[..6]), key: LessSafeKey::new(key) })
    }

    /// Draws one, as it is written in settings and files.
    pub fn draw() -> SecretString {
        SecretString::from(STANDARD.encode(rand::random::<[u8; KEY_BYTES]>()))
    }

    fn seal(&self, bound: Vec<u8>, private_key: &SecretSlice<u8>) -> Result<Vec<u8>> {
        // Drawn: a key seals a few thousand times in its life, 2^32 would be too many.
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = private_key.expose_secret().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut sealed)
            .map_err(|_| Error::internal("a key cannot be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, bound: Vec<u8>, sealed: &[u8]) -> Option<SecretSlice<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(bound), &mut sealed).ok()?.len();
        sealed.truncate(opened);
        Some(SecretSlice::from(sealed))
    }
}

fn bound_to(kid: &str) -> Vec<u8> {
    [SIGNING_KEY, kid.as_bytes()].concat()
}

fn bound_to_account(tenant: &TenantId, account: &AgentId) -> Vec<u8> {
    [SECOND_FACTOR, tenant.as_str().as_bytes(), b"\0", account.as_str().as_bytes()].concat()
}

/// A signing key as the database has it.
#[derive(Clone)]
pub struct SealedKey {
    /// Its name in tokens.
    pub kid: String,
    /// Which key sealed it; empty: it was kept in clear, before keys were sealed.
    pub sealed_by: String,
    /// PKCS #8, DER, sealed.
    pub private_key: Vec<u8>,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// When it signs and goes.
    pub times: KeyTimes,
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SealedKey");
        shown.field("kid", &self.kid).field("sealed_by", &self.sealed_by).finish_non_exhaustive()
    }
}

/// The key that seals, and the one that did before where the one is being changed for the other.
#[derive(Debug)]
pub struct Sealing {
    current: SealingKey,
    before: Option<SealingKey>,
}

impl Sealing {
    /// Seals with `current`; opens what either sealed.
    pub fn new(current: SealingKey, before: Option<SealingKey>) -> Self {
        Self { current, before }
    }

    /// Whether `key` is sealed by the key that now seals.
    pub fn is_current(&self, key: &SealedKey) -> bool {
        key.sealed_by == self.current.id
    }

    /// As the database keeps it.
    pub fn seal(&self, key: &StoredKey) -> Result<SealedKey> {
        Ok(SealedKey {
            kid: key.kid.clone(),
            sealed_by: self.current.id.clone(),
            private_key: self.current.seal(bound_to(&key.kid), &key.private_key)?,
            public_key: key.public_key.clone(),
            times: key.times,
        })
    }

    /// As it signs.
    ///
    /// # Errors
    /// "Invalid" naming the setting where another key sealed it, and where it is not what was sealed: the private key
    /// of this name, and of this public key.
    pub fn open(&self, key: &SealedKey) -> Result<StoredKey> {
        let private_key = self.private_key(key)?;
        let opened =
            StoredKey::of(private_key, key.times).filter(|it| it.kid == key.kid && it.public_key == key.public_key);
        opened.ok_or_else(|| damaged(&key.kid))
    }

    /// The secret of an account's second factor as the database keeps it: which key sealed it, and what it sealed.
    pub fn seal_second_factor(
        &self,
        tenant: &TenantId,
        account: &AgentId,
        secret: &SecretSlice<u8>,
    ) -> Result<(String, Vec<u8>)> {
        Ok((self.current.id.clone(), self.current.seal(bound_to_account(tenant, account), secret)?))
    }

    /// That secret.
    pub fn open_second_factor(
        &self,
        tenant: &TenantId,
        account: &AgentId,
        sealed_by: &str,
        sealed: &[u8],
    ) -> Result<SecretSlice<u8>> {
        let opened = self.sealer(sealed_by).and_then(|key| key.open(bound_to_account(tenant, account), sealed));
        opened.ok_or_else(|| Error::internal(format!("a second factor of {tenant} cannot be opened (by {sealed_by})")))
    }

    /// Which key seals now.
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    fn sealer(&self, id: &str) -> Option<&SealingKey> {
        [Some(&self.current), self.before.as_ref()].into_iter().flatten().find(|key| key.id == id)
    }

    fn private_key(&self, key: &SealedKey) -> Result<SecretSlice<u8>> {
        if key.sealed_by.is_empty() {
            return Ok(SecretSlice::from(key.private_key.clone()));
        }
        let Some(sealer) = self.sealer(&key.sealed_by) else {
            return Err(Error::invalid(
                "identity.sealing_key",
                format!(
                    "is not the key that sealed the signing keys in the database (they are sealed by {}, this is {}): give \
                     that one back; to change it, name that one in identity.sealing_key_before",
                    key.sealed_by, self.current.id
                ),
            ));
        };
        sealer.open(bound_to(&key.kid), &key.private_key).ok_or_else(|| damaged(&key.kid))
    }
}

fn damaged(kid: &str) -> Error {
    Error::invalid(
        "identity.sealing_key",
        format!(
            "the signing key {kid} in the database is not what was sealed: it was damaged or exchanged; restore it"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<SealingKey> {
        SealingKey::parse(&SecretString::from(text), "identity.sealing_key")
    }

    fn sealing() -> Sealing {
        Sealing::new(key(SealingKey::draw().expose_secret()).unwrap(), None)
    }

    fn drawn() -> StoredKey {
        StoredKey::draw(KeyTimes { generation: 1, activates_at: jiff::Timestamp::UNIX_EPOCH, retires_at: None })
            .unwrap()
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for text in ["", "CHANGE-ME", "c2hvcnQ=", &"ab".repeat(32), &STANDARD.encode([7; 33])] {
            let error = key(text).unwrap_err();
            assert!(error.message().contains("openssl rand -base64 32"), "{error}");
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
        assert_eq!(key(&format!("{}\n", STANDARD.encode([7; 32]))).unwrap().id.len(), 12);
    }

    #[test]
    fn a_sealed_key_opens_as_itself_alone() {
        let (sealing, signing) = (sealing(), drawn());
        let sealed = sealing.seal(&signing).unwrap();
        let secret = signing.private_key.expose_secret();
        assert_eq!(sealing.open(&sealed).unwrap().private_key.expose_secret(), secret);
        assert!(!sealed.private_key.windows(16).any(|part| secret.windows(16).any(|of| of == part)), "in clear");
        assert!(sealing.current.open(bound_to("another"), &sealed.private_key).is_none(), "it is bound to its name");
        assert_ne!(sealing.seal(&signing).unwrap().private_key, sealed.private_key, "another nonce each time");
        assert!(!format!("{sealing:?} {sealed:?}").contains("private"));

        let other = sealing.seal(&drawn()).unwrap();
        let exchanged = [
            SealedKey { private_key: other.private_key.clone(), ..sealed.clone() },
            SealedKey { kid: other.kid.clone(), ..sealed.clone() },
            SealedKey { public_key: other.public_key.clone(), ..sealed.clone() },
            SealedKey { public_key: other.public_key, sealed_by: String::new(), ..sealed.clone() },
            SealedKey { private_key: Vec::new(), ..sealed.clone() },
            SealedKey { private_key: sealed.private_key[1..].to_vec(), ..sealed.clone() },
        ];
        for key in exchanged {
            assert!(sealing.open(&key).unwrap_err().message().contains("not what was sealed"), "{key:?}");
        }
        for at in 0..sealed.private_key.len() {
            let mut changed = sealed.clone();
            changed.private_key[at] ^= 1;
            assert!(sealing.open(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_second_factor_opens_for_its_account_alone() {
        let (sealing, secret) = (sealing(), SecretSlice::from(vec![7; 20]));
        let (town, other) = (TenantId::parse("grandville").unwrap(), TenantId::parse("petitbourg").unwrap());
        let (claire, karim) = (AgentId::parse("claire-martin").unwrap(), AgentId::parse("karim-benali").unwrap());
        let (by, sealed) = sealing.seal_second_factor(&town, &claire, &secret).unwrap();
        assert_eq!(sealing.open_second_factor(&town, &claire, &by, &sealed).unwrap().expose_secret(), &[7; 20]);
        for (tenant, account) in [(&town, &karim), (&other, &claire)] {
            assert!(sealing.open_second_factor(tenant, account, &by, &sealed).is_err());
        }
        assert!(self::sealing().open_second_factor(&town, &claire, &by, &sealed).is_err(), "another key");
    }

    #[test]
    fn another_key_opens_nothing_and_says_which_is_needed() {
        let (sealing, signing) = (sealing(), drawn());
        let sealed = sealing.seal(&signing).unwrap();
        let error = self::sealing().open(&sealed).unwrap_err();
        assert!(
            error.message().contains(&sealed.sealed_by) && error.message().contains("sealing_key_before"),
            "{error}"
        );
        let turned = Sealing::new(key(SealingKey::draw().expose_secret()).unwrap(), Some(sealing.current));
        assert!(turned.open(&sealed).is_ok() && !turned.is_current(&sealed));
        assert!(turned.is_current(&turned.seal(&signing).unwrap()));
    }
}
