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
    let rows = read_lines(&text(path)?).with_context(|| path.display().to_string())?;
    ensure!(!rows.is_empty(), "{} holds nothing to read", path.display());
    Ok(rows)
}

/// A file's text, unpacked where its first bytes are those of gzip.
fn text(path: &Path) -> anyhow::Result<String> {
    let open = || File::open(path).with_context(|| format!("{} cannot be opened", path.display()));
    let mut start = [0_u8; 2];
    let packed = open()?.read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
    let file = BufReader::new(open()?);
    let reader: Box<dyn Read> =
        if packed { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut text = String::new();
    reader
        .take(MAXIMUM_BYTES)
        .read_to_string(&mut text)
        .with_context(|| format!("{} cannot be read as UTF-8 text", path.display()))?;
    Ok(text)
}
