//! `[gateway]`: the settings of the doors.

use std::path::Path;

use parvis_kernel::{Error, Result};
use parvis_runtime::key_file;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

/// Bytes of the key that signs forms.
pub const KEY_BYTES: usize = 32;

/// The section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// File of the key that signs forms; made when absent.
    pub session_key_file: String,
    /// The key itself, in hexadecimal; wins over the file.
    pub session_key: SecretString,
    /// A JSON body or a form at most.
    pub max_json_bytes: usize,
    /// A file at most.
    pub max_upload_bytes: usize,
    /// Requests of one address that change something, a minute; 0: no limit.
    pub rate_per_minute: u32,
    /// Whether the documentation page of the API is shown.
    pub docs: bool,
}

impl GatewayConfig {
    /// Refuses what cannot work.
    pub fn check(&self) -> Result<()> {
        if self.max_json_bytes < 1_000 {
            return Err(Error::invalid("gateway.max_json_bytes", "must be at least 1000"));
        }
        if self.max_upload_bytes < 1_000 {
            return Err(Error::invalid("gateway.max_upload_bytes", "must be at least 1000"));
        }
        Ok(())
    }

    /// The key that signs forms: configured, else read from its file, else drawn and kept there.
    pub fn key(&self) -> Result<[u8; KEY_BYTES]> {
        let text = self.session_key.expose_secret();
        if !text.is_empty() {
            return decode_key(text, "gateway.session_key");
        }
        let path = Path::new(&self.session_key_file);
        if let Some(key) = read_key(path)? {
            return Ok(key);
        }
        let drawn = SecretString::from(hex::encode(rand::random::<[u8; KEY_BYTES]>()));
        key_file::make(path, &drawn).map_err(|error| unusable(path, &error))?;
        // Another process may have created it a moment before: what is in the file counts.
        read_key(path)?.ok_or_else(|| Error::invalid("gateway.session_key_file", "vanished while it was created"))
    }
}

fn decode_key(text: &str, setting: &str) -> Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.trim(), &mut key)
        .map_err(|_| Error::invalid(setting, "must be 64 hexadecimal digits (openssl rand -hex 32)"))?;
    Ok(key)
}

fn read_key(path: &Path) -> Result<Option<[u8; KEY_BYTES]>> {
    let text = key_file::read(path).map_err(|error| unusable(path, &error))?;
    text.map(|text| decode_key(text.expose_secret(), "gateway.session_key_file")).transpose()
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::invalid(
        "gateway.session_key_file",
        format!("{} cannot be used ({error}): choose a writable place or set gateway.session_key", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(file: &Path, key: &str) -> GatewayConfig {
        GatewayConfig {
            session_key_file: file.display().to_string(),
            session_key: SecretString::from(key),
            max_json_bytes: 1_000_000,
            max_upload_bytes: 1_000_000,
            rate_per_minute: 0,
            docs: true,
        }
    }

    #[test]
    fn the_key_is_made_once_even_by_many_at_the_same_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/session.key");
        let keys: std::collections::HashSet<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| config(&path, "").key().unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(keys.len(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside");
    }

    #[test]
    fn a_wrong_key_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session.key");
        assert!(config(&path, "abc").key().unwrap_err().message().contains("gateway.session_key"));
        std::fs::write(&path, "not a key").unwrap();
        assert!(config(&path, "").key().unwrap_err().message().contains("session_key_file"));
        assert_eq!(config(&path, &"ab".repeat(32)).key().unwrap(), [0xab; 32]);
    }
}
