//! Passwords: argon2id, 19 MiB, two passes, one lane (OWASP), two at a time at most, each network in its turn.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version, password_hash::phc::PasswordHash,
};
use parvis_kernel::{Error, ErrorKind, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};

use super::turns::{Asked, Turn, Turns};
use crate::domain::password::normalized;

/// Each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hashes and verifies. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    turns: Turns,
    nobodys: Arc<str>,
}

impl Passwords {
    /// Also hashes the password that nobody has.
    pub async fn new() -> Result<Self> {
        let nobody = crate::crypto::opaque::draw();
        let nobodys = tokio::task::spawn_blocking(move || hash(&nobody)).await.map_err(Error::internal)??;
        Ok(Self { turns: Turns::new(AT_ONCE), nobodys: nobodys.into() })
    }

    /// Waits for the turn of `network`; empty: of the town's own.
    ///
    /// # Errors
    /// "Exhausted" when too many wait.
    pub async fn turn(&self, network: &str) -> Result<Turn> {
        let place = match self.turns.ask(network) {
            Asked::Now(turn) => return Ok(turn),
            Asked::Wait(place) => place,
            Asked::Full => return Err(busy()),
        };
        match tokio::time::timeout(PATIENCE, place).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(closed)) => Err(Error::internal(closed)),
            Err(_) => Err(busy()),
        }
    }

    /// A hash to keep, with a salt of its own.
    pub async fn hash(&self, password: SecretString) -> Result<String> {
        let turn = self.turn("").await?;
        tokio::task::spawn_blocking(move || {
            let hashed = hash(&password);
            drop(turn);
            hashed
        })
        .await
        .map_err(Error::internal)?
    }

    /// Whether `password` is the one whose hash is `kept`. Where there is none, the same time passes.
    pub async fn verify(&self, turn: Turn, password: SecretString, kept: Option<String>) -> Result<bool> {
        let nobodys = self.nobodys.clone();
        tokio::task::spawn_blocking(move || {
            let start = Instant::now();
            let matches = verify(&password, kept.as_deref().unwrap_or(&nobodys))?;
            metrics::histogram!("parvis_password_seconds").record(start.elapsed().as_secs_f64());
            drop(turn);
            Ok(matches && kept.is_some())
        })
        .await
        .map_err(Error::internal)?
    }
}

fn busy() -> Error {
    Error::new(ErrorKind::Exhausted, "too many people are signing in: try again in a minute").refused(Refusal::Busy)
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &SecretString) -> Result<String> {
    let password = SecretString::from(normalized(password.expose_secret()));
    let hash = hasher()?
        .hash_password(password.expose_secret().as_bytes())
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn verify(password: &SecretString, kept: &str) -> Result<bool> {
    let password = SecretString::from(normalized(password.expose_secret()));
    let kept = PasswordHash::new(kept).map_err(|_| Error::internal("a kept password hash cannot be read"))?;
    Ok(hasher()?.verify_password(password.expose_secret().as_bytes(), &kept).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_and_another_does_not() {
        let passwords = Passwords::new().await.unwrap();
        let kept = passwords.hash("une été à la mer".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, passwords.hash("une été à la mer".into()).await.unwrap());
        for (typed, kept, right) in [
            ("une e\u{301}te\u{301} a\u{300} la mer", Some(kept.clone()), true),
            ("une ete a la mer", Some(kept.clone()), false),
            ("", Some(kept), false),
            ("une été à la mer", None, false),
        ] {
            let turn = passwords.turn("").await.unwrap();
            assert_eq!(passwords.verify(turn, typed.into(), kept).await.unwrap(), right, "{typed}");
        }
    }
}
