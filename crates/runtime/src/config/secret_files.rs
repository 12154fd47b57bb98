//! A secret may be in a file of its own, as containers are given them: `bus.password_file` beside `bus.password`.

use std::io::ErrorKind;

use config::{Config, Value, ValueKind};
use parvis_kernel::{Error, Result};

/// The settings that may come from a file, and whether a file that is not there means that there is none.
///
/// `gateway.session_key_file` and `identity.sealing_key_file` are not here: they are made where they are absent.
const SECRETS: [(&str, &str, bool); 7] = [
    ("store", "url", false),
    ("bus", "password", false),
    ("intake", "s3_access_key", false),
    ("intake", "s3_secret_key", false),
    // Absent but while the key is being changed.
    ("identity", "sealing_key_before", true),
    ("identity", "demo_password", false),
    ("notification", "smtp_url", false),
];

/// Puts what each file holds in the place of its setting; a file wins. Line breaks at its end are not of the secret.
///
/// # Errors
/// "Invalid" naming the setting whose file cannot be read.
pub(super) fn read(all: &mut Config) -> Result<()> {
    let ValueKind::Table(sections) = &mut all.cache.kind else { return Ok(()) };
    for (section, key, optional) in SECRETS {
        let Some(Value { kind: ValueKind::Table(settings), .. }) = sections.get_mut(section) else { continue };
        let name = format!("{key}_file");
        let Some(path) = settings.remove(&name).map(|value| value.to_string()).filter(|path| !path.is_empty()) else {
            continue;
        };
        match std::fs::read_to_string(&path) {
            Ok(secret) => {
                settings.insert(key.to_owned(), Value::from(secret.trim_end_matches(['\r', '\n'])));
            }
            Err(error) if optional && error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::invalid(format!("{section}.{name}"), format!("{path} cannot be read: {error}")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use config::{File, FileFormat};

    use super::*;

    fn settings(text: &str) -> Config {
        Config::builder().add_source(File::from_str(text, FileFormat::Toml)).build().unwrap()
    }

    #[test]
    fn a_file_gives_the_secret_and_its_setting_disappears() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "0123 é\n\n").unwrap();
        let path = file.path().display();
        let mut all = settings(&format!("[bus]\npassword = \"\"\npassword_file = \"{path}\"\nuser = \"x\""));
        read(&mut all).unwrap();
        assert_eq!(all.get_string("bus.password").unwrap(), "0123 é");
        assert!(all.get_string("bus.password_file").is_err(), "sections know no such setting");
        assert_eq!(all.get_string("bus.user").unwrap(), "x");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_unless_it_may_be_absent() {
        let error = read(&mut settings("[notification]\nsmtp_url_file = \"/nowhere/smtp\"")).unwrap_err();
        assert!(error.message().contains("/nowhere/smtp"), "{error}");
        let mut all = settings("[identity]\nsealing_key_before = \"\"\nsealing_key_before_file = \"/nowhere/key\"");
        read(&mut all).unwrap();
        assert_eq!(all.get_string("identity.sealing_key_before").unwrap(), "");
    }
}
