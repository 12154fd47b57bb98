//! A key kept in a file, readable by its owner alone.

use std::{
    io::{self, Write as _},
    path::Path,
};

use parvis_kernel::{Error, EventId, Result};
use secrecy::{ExposeSecret as _, SecretString};

/// What the file holds; `None`: there is no file.
pub fn read(path: &Path) -> io::Result<Option<SecretString>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The password in the file that `template` names, `{role}` standing for the role's name.
///
/// # Errors
/// "Invalid" naming the file where it cannot be read or holds nothing.
pub fn password(template: &str, role: &str) -> Result<SecretString> {
    let path = template.replace("{role}", role);
    let wrong = |why: String| Error::invalid("store.password_file", format!("{path} {why}"));
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(wrong("is empty".to_owned())),
        password => Ok(SecretString::from(password)),
    }
}

/// Makes the file hold `key`, unless it is there: then it stays as it is. Read it again to know which.
///
/// Written beside and linked into place, so that no reader ever sees half of it and the first one wins.
pub fn make(path: &Path, key: &SecretString) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        parvis_store::make_private_folder(folder)?;
    }
    let beside = path.with_extension(format!("{}.tmp", EventId::new()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(key.expose_secret().as_bytes())?;
        file.sync_all()
    });
    let linked = written.and_then(|()| std::fs::hard_link(&beside, path));
    let _ = std::fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
