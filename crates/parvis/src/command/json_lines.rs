//! Files of one JSON object a line, packed with gzip or not.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use anyhow::{Context as _, ensure};
use parvis_search::evaluation::read_lines;

/// A file is read up to this many bytes, unpacked.
const MAXIMUM_BYTES: u64 = 1024 * 1024 * 1024;

/// Reads every line; an error names the file and the line.
pub fn read<T: for<'a> serde::Deserialize<'a>>(path: &Path) -> anyhow::Result<Vec<T>> {
    let rows = read_lines(&text(path, MAXIMUM_BYTES)?).with_context(|| path.display().to_string())?;
    ensure!(!rows.is_empty(), "{} holds nothing to read", path.display());
    Ok(rows)
}

/// A file's text, unpacked where its first bytes are those of gzip. One of more than `most` bytes is refused: read in part,
/// it would give figures as if it were whole.
fn text(path: &Path, most: u64) -> anyhow::Result<String> {
    let open = || File::open(path).with_context(|| format!("{} cannot be opened", path.display()));
    let mut start = [0_u8; 2];
    let packed = open()?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let file = BufReader::new(open()?);
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut bytes = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    ensure!(bytes.len() as u64 <= most, "{} holds more than {most} bytes, unpacked: cut it", path.display());
    String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8 text", path.display()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_read_whole_or_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (plain, packed) = (folder.path().join("plain"), folder.path().join("packed"));
        std::fs::write(&plain, "déjà là").expect("written");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all("déjà là".as_bytes()).expect("packed");
        std::fs::write(&packed, encoder.finish().expect("packed")).expect("written");
        for path in [&plain, &packed] {
            assert_eq!(text(path, 10).expect("ten bytes"), "déjà là");
            let error = text(path, 9).expect_err("one too many");
            assert!(error.to_string().contains("more than 9 bytes"), "{error}");
        }
    }
}
