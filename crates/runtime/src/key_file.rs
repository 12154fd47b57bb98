//! A key kept in a file, readable by its owner alone.

use std::{
    io::{self, Write as _},
    path::Path,
};

use parvis_kernel::EventId;
use secrecy::{ExposeSecret as _, SecretString};

/// What the file holds; `None`: there is no file.
pub fn read(path: &Path) -> io::Result<Option<SecretString>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(SecretString::from(text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
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
