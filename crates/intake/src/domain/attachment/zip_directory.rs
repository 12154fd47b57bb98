//! The central directory of a ZIP, read without inflating anything: which document it is, and whether what it declares
//! would fill a disk.

use super::Refused;

/// Bytes that a document may declare to hold once inflated.
const MAX_INFLATED: u64 = 300_000_000;
/// How many times larger than the file it may declare to be, past [`SMALL`].
const MAX_RATIO: u64 = 150;
/// Below this, the ratio is nobody's danger.
const SMALL: u64 = 10_000_000;
/// Entries at most.
const MAX_ENTRIES: usize = 10_000;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const SECRET_FLAG: u16 = 1;

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ODT: &str = "application/vnd.oasis.opendocument.text";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";

/// How many of the last bytes of a file are enough to find its directory.
pub(super) const TAIL: usize = 1_200_000;

/// The document's type.
///
/// `head` is the beginning of the file, `tail` its end, `size` its length.
pub(super) fn document_type(head: &[u8], tail: &[u8], size: u64) -> Result<&'static str, Refused> {
    let names = entries(tail, size)?;
    let has = |name: &str| names.iter().any(|it| it == name);
    if names.iter().any(|name| {
        name.to_ascii_lowercase().ends_with("vbaproject.bin")
            || name.starts_with("Basic/")
            || name.starts_with("Scripts/")
    }) {
        return Err(Refused::not_accepted("the document holds macros; save it without them, or as a PDF"));
    }
    if has("[Content_Types].xml") && has("word/document.xml") {
        return Ok(DOCX);
    }
    if has("[Content_Types].xml") && has("xl/workbook.xml") {
        return Ok(XLSX);
    }
    // OpenDocument: the first entry, stored as it is, says which.
    let declared =
        head.get(30..).filter(|_| head.get(26..28) == Some(&[8, 0])).and_then(|rest| rest.strip_prefix(b"mimetype"));
    if has("content.xml")
        && let Some(declared) = declared
    {
        for known in [ODT, ODS] {
            if declared.starts_with(known.as_bytes()) && declared.get(known.len()..known.len() + 2) == Some(b"PK") {
                return Ok(known);
            }
        }
    }
    Err(Refused::not_accepted(
        "a ZIP archive is not accepted unless it is a docx, xlsx, odt or ods document; send its files one by one",
    ))
}

/// The names of the entries, once the sizes are found bearable.
fn entries(tail: &[u8], size: u64) -> Result<Vec<String>, Refused> {
    let broken = || Refused::unreadable("the archive is damaged; save the document again");
    let end_at = tail.windows(END.len()).rposition(|window| window == END).ok_or_else(broken)?;
    let count = usize::from(u16_at(tail, end_at + 10).ok_or_else(broken)?);
    let length = u64::from(u32_at(tail, end_at + 12).ok_or_else(broken)?);
    let offset = u64::from(u32_at(tail, end_at + 16).ok_or_else(broken)?);
    if count > MAX_ENTRIES {
        return Err(Refused::unreadable(format!(
            "the archive holds more than {MAX_ENTRIES} files; send a smaller document"
        )));
    }
    let tail_starts = size.checked_sub(tail.len() as u64).ok_or_else(broken)?;
    let start = offset.checked_sub(tail_starts).and_then(|start| usize::try_from(start).ok()).ok_or_else(broken)?;
    if start as u64 + length > end_at as u64 {
        return Err(broken());
    }
    let (mut at, mut inflated, mut deflated) = (start, 0_u64, 0_u64);
    let mut names = Vec::with_capacity(count);
    let mut starts = std::collections::HashSet::with_capacity(count);
    for _ in 0..count {
        if tail.get(at..at + 4) != Some(ENTRY) {
            return Err(broken());
        }
        if u16_at(tail, at + 8).ok_or_else(broken)? & SECRET_FLAG != 0 {
            return Err(Refused::unreadable("the document is locked by a password; send it without"));
        }
        deflated = deflated.saturating_add(u64::from(u32_at(tail, at + 20).ok_or_else(broken)?));
        inflated = inflated.saturating_add(u64::from(u32_at(tail, at + 24).ok_or_else(broken)?));
        let [name, extra, comment] = [28, 30, 32].map(|field| u16_at(tail, at + field).map(usize::from));
        let (name, extra, comment) = (name.ok_or_else(broken)?, extra.ok_or_else(broken)?, comment.ok_or_else(broken)?);
        if !starts.insert(u32_at(tail, at + 42).ok_or_else(broken)?) {
            return Err(Refused::unreadable("the archive names the same bytes several times, as bombs do"));
        }
        let bytes = tail.get(at + 46..at + 46 + name).ok_or_else(broken)?;
        names.push(String::from_utf8_lossy(bytes).into_owned());
        at += 46 + name + extra + comment;
    }
    if deflated > size {
        return Err(Refused::unreadable("the archive declares more bytes than it has, as bombs do"));
    }
    if inflated > MAX_INFLATED || (inflated > SMALL && inflated / size.max(1) > MAX_RATIO) {
        return Err(Refused::unreadable("the document would fill too much once opened; send a smaller one, or a PDF"));
    }
    Ok(names)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes)
}
