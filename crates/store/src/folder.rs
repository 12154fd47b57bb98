//! Folders that the process makes for what it keeps.

use std::{fs::DirBuilder, io, path::Path};

/// Makes `path`, and what is missing above it, for the process's own user alone: what goes there is personal. A folder
/// that is there stays as whoever made it wanted it.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn what_is_made_is_for_nobody_else_and_what_is_there_stays() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = tempfile::tempdir().unwrap();
        let (shared, ours) = (folder.path().join("shared"), folder.path().join("shared/data/mail"));
        std::fs::create_dir(&shared).unwrap();
        std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o755)).unwrap();
        for _ in 0..2 {
            make_private_folder(&ours).unwrap();
        }
        assert_eq!([mode(&shared), mode(&shared.join("data")), mode(&ours)], [0o755, 0o700, 0o700]);
    }
}
