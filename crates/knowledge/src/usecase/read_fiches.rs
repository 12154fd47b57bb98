//! Reads a distribution of the national fiches, in whatever form it comes: the State's zip or its unpacked XML, the npm
//! package's folder of JSON, or lines of JSON.

use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
};

use parvis_kernel::{Error, Result};

use crate::domain::fiche::{self, Fiche, Public, is_fiche_file};

/// Files of a distribution at most.
const MAX_FILES: usize = 100_000;

/// What was read.
#[derive(Debug, Default)]
pub struct ReadFiches {
    /// The fiches that are right.
    pub fiches: Vec<Fiche>,
    /// Those that are not: their names, and why.
    pub refused: Vec<(String, String)>,
}

impl ReadFiches {
    fn add(&mut self, name: &str, read: std::result::Result<Option<Fiche>, String>) {
        match read {
            Ok(Some(fiche)) => self.fiches.push(fiche),
            Ok(None) => {}
            Err(why) => self.refused.push((name.to_owned(), why)),
        }
    }

    /// One content a fiche: of two with one address, the first stays and the other is named.
    fn distinct(mut self) -> Self {
        let mut seen = std::collections::HashSet::new();
        let refused = &mut self.refused;
        self.fiches.retain(|fiche| {
            let new = seen.insert((fiche.public, fiche.id.clone()));
            if !new {
                refused.push((fiche.slug(), "is there twice; the first is kept".to_owned()));
            }
            new
        });
        self
    }
}

/// Reads a file or a folder.
///
/// # Errors
/// "Invalid" where there is nothing to read; one fiche that is wrong is only named among the refused.
pub fn read_fiches(path: &Path) -> Result<ReadFiches> {
    let shown = path.display();
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
    let read = if path.is_dir() {
        folder(path)?
    } else if name.ends_with(".zip") {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        archive(BufReader::new(file), &shown.to_string())?
    } else if name.ends_with(".jsonl") || name.ends_with(".jsonl.gz") {
        lines(path, name.ends_with(".gz"))?
    } else if name.ends_with(".xml") || name.ends_with(".json") {
        let mut read = ReadFiches::default();
        one(path, &mut read);
        read
    } else {
        return Err(wrong(format!("{shown} is neither a folder, nor a .zip, .jsonl, .jsonl.gz, .xml or .json")));
    };
    if read.fiches.is_empty() && read.refused.is_empty() {
        return Err(wrong(format!("{shown} holds no fiche (F123.xml, F123.json, or lines of JSON)")));
    }
    Ok(read.distinct())
}

fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    wrong(format!("{} cannot be read: {error}", path.display()))
}

/// Every fiche below a folder, read by several threads.
fn folder(path: &Path) -> Result<ReadFiches> {
    let mut files = Vec::new();
    walk(path, &mut files, 0)?;
    files.sort();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let size = files.len().div_ceil(threads).max(1);
    let parts = std::thread::scope(|scope| {
        let readers: Vec<_> = files
            .chunks(size)
            .map(|files| {
                scope.spawn(move || {
                    let mut read = ReadFiches::default();
                    for file in files {
                        one(file, &mut read);
                    }
                    read
                })
            })
            .collect();
        readers.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut all = ReadFiches::default();
    for part in parts {
        let part = part.map_err(|_| Error::internal("a thread that read fiches stopped"))?;
        all.fiches.extend(part.fiches);
        all.refused.extend(part.refused);
    }
    Ok(all)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() && depth < 6 && !name.starts_with('.') {
            walk(&path, files, depth + 1)?;
        } else if is_fiche_file(name) && (name.ends_with(".xml") || name.ends_with(".json")) {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Err(wrong(format!("{} holds more than {MAX_FILES} fiches", folder.display())));
        }
    }
    Ok(())
}

/// A fiche in a file of its own. The folder it is in may say whom it is for.
fn one(path: &Path, read: &mut ReadFiches) {
    let public = path.parent().and_then(Path::file_name).and_then(OsStr::to_str).and_then(Public::of_word);
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
    let named = public.map_or_else(|| name.clone(), |public| format!("{}/{name}", public.as_str()));
    let bytes = File::open(path).and_then(bounded).map_err(|error| format!("cannot be read: {error}"));
    let fiche = bytes.and_then(|bytes| of_bytes(&name, &bytes, public));
    read.add(&named, fiche);
}

fn of_bytes(name: &str, bytes: &[u8], public: Option<Public>) -> std::result::Result<Option<Fiche>, String> {
    if name.ends_with(".json") { Fiche::from_json(bytes, public) } else { Fiche::from_xml(bytes, public) }
}

/// At most one byte more than a fiche may have: the reader then says that it is too long.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(fiche::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the State's zip from memory, for whoever has no file to name.
///
/// # Errors
/// "Invalid" where it is no sound zip or holds no fiche.
pub fn read_zip(bytes: &[u8]) -> Result<ReadFiches> {
    let read = archive(std::io::Cursor::new(bytes), "the input")?;
    if read.fiches.is_empty() && read.refused.is_empty() {
        return Err(wrong("the input holds no fiche (F123.xml)"));
    }
    Ok(read.distinct())
}

fn archive(source: impl Read + std::io::Seek, shown: &str) -> Result<ReadFiches> {
    let broken = |error: zip::result::ZipError| wrong(format!("{shown} is not a sound zip: {error}"));
    let mut archive = zip::ZipArchive::new(source).map_err(broken)?;
    if archive.len() > MAX_FILES {
        return Err(wrong(format!("{shown} holds more than {MAX_FILES} files")));
    }
    let mut read = ReadFiches::default();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(broken)?;
        let full = entry.name().to_owned();
        let mut parts = full.rsplit('/');
        let name = parts.next().unwrap_or_default();
        let public = parts.next().and_then(Public::of_word);
        if !is_fiche_file(name) || !(name.ends_with(".xml") || name.ends_with(".json")) {
            continue;
        }
        let bytes = bounded(entry).map_err(|error| format!("cannot be unpacked: {error}"));
        read.add(name, bytes.and_then(|bytes| of_bytes(name, &bytes, public)));
    }
    Ok(read)
}

fn lines(path: &Path, packed: bool) -> Result<ReadFiches> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let source: Box<dyn Read> = if packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut source = BufReader::new(source);
    let mut read = ReadFiches::default();
    for number in 1..=MAX_FILES {
        let mut line = Vec::new();
        let mut limited = source.by_ref().take(fiche::MAX_BYTES as u64 + 1);
        limited.read_until(b'\n', &mut line).map_err(|error| unreadable(path, &error))?;
        if line.is_empty() {
            return Ok(read);
        }
        if line.len() > fiche::MAX_BYTES {
            return Err(wrong(format!("{}:{number}: longer than {} bytes", path.display(), fiche::MAX_BYTES)));
        }
        let line = String::from_utf8_lossy(&line);
        if line.trim().is_empty() {
            continue;
        }
        match fiche::from_line(&line) {
            Ok(fiche) => read.fiches.push(fiche),
            Err((name, why)) if name.is_empty() => read.refused.push((format!("line {number}"), why)),
            Err((name, why)) => read.refused.push((format!("{name} (line {number})"), why)),
        }
    }
    Err(wrong(format!("{} has more than {MAX_FILES} lines", path.display())))
}
