//! Where the key that seals the signing keys comes from: a setting, else a file. With SQLite the file is made at the
//! first start; with PostgreSQL, where processes share the key and the database's backups go elsewhere, it has to be
//! given.

use std::{
    io,
    path::{Path, PathBuf},
};

use parvis_kernel::{Error, Result};
use parvis_runtime::key_file;
use parvis_store::StoreUrl;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    config::IdentityConfig,
    crypto::sealing::{Sealing, SealingKey},
};

const KEY: &str = "identity.sealing_key";
const FILE: &str = "identity.sealing_key_file";
const BEFORE: &str = "identity.sealing_key_before";

/// The file made beside a SQLite database.
const BESIDE: &str = "identity-sealing.key";

/// Refuses settings with which [`load`] would fail, whatever is in the database. Makes nothing.
pub fn check(config: &IdentityConfig, url: &StoreUrl) -> Result<()> {
    before(config)?;
    match find(config, url)? {
        Found::Key(_) => Ok(()),
        Found::NoFile(path) => may_be_made(&path, url),
    }
}

/// The keys. `sealed`: something in the database is sealed already, so that a key made now would open nothing.
pub fn load(config: &IdentityConfig, url: &StoreUrl, sealed: bool) -> Result<Sealing> {
    let before = before(config)?;
    let path = match find(config, url)? {
        Found::Key(key) => return Ok(Sealing::new(*key, before)),
        Found::NoFile(path) => path,
    };
    may_be_made(&path, url)?;
    if sealed {
        return Err(Error::invalid(
            FILE,
            format!("{} is missing, and the signing keys are sealed by the key it held: put it back", path.display()),
        ));
    }
    key_file::make(&path, &SealingKey::draw()).map_err(|error| unusable(&path, &error))?;
    tracing::info!(file = %path.display(), "made the key that seals signing keys: keep it apart from the database's backups");
    // Another process may have made it a moment before: what is in the file counts.
    let key = read(&path)?.ok_or_else(|| Error::invalid(FILE, "vanished while it was made"))?;
    Ok(Sealing::new(key, before))
}

enum Found {
    Key(Box<SealingKey>),
    NoFile(PathBuf),
}

fn find(config: &IdentityConfig, url: &StoreUrl) -> Result<Found> {
    if !is_empty(&config.sealing_key) {
        return SealingKey::parse(&config.sealing_key, KEY).map(|key| Found::Key(Box::new(key)));
    }
    let path = match url {
        _ if !config.sealing_key_file.is_empty() => PathBuf::from(&config.sealing_key_file),
        StoreUrl::Sqlite(database) => database.with_file_name(BESIDE),
        StoreUrl::Postgres(_) => return Err(needed()),
    };
    Ok(read(&path)?.map_or(Found::NoFile(path), |key| Found::Key(Box::new(key))))
}

fn before(config: &IdentityConfig) -> Result<Option<SealingKey>> {
    let given = Some(&config.sealing_key_before).filter(|key| !is_empty(key));
    given.map(|key| SealingKey::parse(key, BEFORE)).transpose()
}

fn is_empty(key: &SecretString) -> bool {
    key.expose_secret().is_empty()
}

fn read(path: &Path) -> Result<Option<SealingKey>> {
    let text = key_file::read(path).map_err(|error| unusable(path, &error))?;
    text.map(|text| SealingKey::parse(&text, FILE)).transpose()
}

fn may_be_made(path: &Path, url: &StoreUrl) -> Result<()> {
    match url {
        StoreUrl::Sqlite(_) => Ok(()),
        StoreUrl::Postgres(_) => {
            Err(Error::invalid(FILE, format!("{} does not exist: {}", path.display(), needed().message())))
        }
    }
}

fn needed() -> Error {
    Error::invalid(
        KEY,
        "is needed with PostgreSQL, to encrypt the keys that sign tokens: make one (openssl rand -base64 32), keep it \
         apart from the backups of the database, and give it to every identity as PARVIS__IDENTITY__SEALING_KEY or in \
         the file that identity.sealing_key_file names",
    )
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::invalid(FILE, format!("{} cannot be used ({error}): choose another place or set {KEY}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str, file: &str) -> IdentityConfig {
        IdentityConfig {
            access_token_minutes: 10,
            session_hours: 12,
            session_idle_minutes: 120,
            key_rotation_days: 30,
            access_log_days: 365,
            sealing_key: SecretString::from(key),
            sealing_key_file: file.to_owned(),
            sealing_key_before: SecretString::from(""),
            demo_password: SecretString::from(""),
            demonstration: false,
        }
    }

    fn postgres() -> StoreUrl {
        StoreUrl::Postgres(SecretString::from("postgres://a:b@c/d"))
    }

    /// The beginning of what is wrong.
    fn refused<T>(result: Result<T>) -> String {
        result.err().expect("a refusal").message().to_owned()
    }

    #[test]
    fn a_village_s_key_is_made_once_beside_its_database() {
        let folder = tempfile::tempdir().unwrap();
        let (url, path) =
            (StoreUrl::Sqlite(folder.path().join("data/identity.db")), folder.path().join("data").join(BESIDE));
        check(&config("", ""), &url).unwrap();
        assert!(!path.exists(), "a check makes nothing");
        let lost = refused(load(&config("", ""), &url, true));
        assert!(lost.contains("put it back") && !path.exists(), "{lost}");
        load(&config("", ""), &url, false).unwrap();
        let made = std::fs::read_to_string(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for sealed in [false, true] {
            load(&config("", ""), &url, sealed).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), made);
        std::fs::write(&path, "not a key").unwrap();
        for refusal in [refused(check(&config("", ""), &url)), refused(load(&config("", ""), &url, false))] {
            assert!(refusal.contains(FILE) && !refusal.contains("not a key"), "{refusal}");
        }
        let elsewhere = folder.path().join("elsewhere.key");
        load(&config("", &elsewhere.display().to_string()), &url, false).unwrap();
        assert!(elsewhere.exists());
    }

    #[test]
    fn with_postgresql_it_has_to_be_given() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.key");
        let named = config("", &file.display().to_string());
        for config in [config("", ""), named.clone()] {
            for refusal in [refused(check(&config, &postgres())), refused(load(&config, &postgres(), false))] {
                assert!(
                    refusal.contains("openssl rand -base64 32") && refusal.contains("PARVIS__IDENTITY__SEALING_KEY")
                );
            }
        }
        assert!(!file.exists(), "nothing is made");
        let key = SealingKey::draw();
        std::fs::write(&file, format!("{}\n", key.expose_secret())).unwrap();
        check(&named, &postgres()).unwrap();
        load(&named, &postgres(), true).unwrap();
        load(&config(key.expose_secret(), ""), &postgres(), true).unwrap();
        assert!(refused(check(&config("CHANGE-ME", ""), &postgres())).contains(KEY));
        let turned = IdentityConfig { sealing_key_before: "CHANGE-ME".into(), ..named };
        assert!(refused(check(&turned, &postgres())).contains(BEFORE));
    }
}
