//! What the sender says a file is: its declared type and its name's ending. Both must agree with the content.

use parvis_kernel::text::excerpt;

use super::{Family, Refused, base_name, family_of};

/// Endings that make a machine run a file, or a browser believe it: refused whatever the content.
const DANGEROUS: &[&str] = &[
    "apk", "app", "bat", "cmd", "com", "cpl", "docm", "dotm", "exe", "hta", "htm", "html", "iso", "jar", "js", "jse",
    "lnk", "mht", "mhtml", "mjs", "msi", "php", "pif", "pl", "ps1", "py", "rb", "reg", "scr", "sh", "svg", "svgz",
    "vbe", "vbs", "wsf", "xhtml", "xlam", "xlsm", "xml", "xltm",
];

/// Why `file_name` and `declared` cannot go with a content of type `found`; `None` where they can.
pub(super) fn contradiction(file_name: &str, declared: &str, found: &str) -> Option<Refused> {
    let family = family_of(found)?;
    let ending = ending(file_name);
    if DANGEROUS.contains(&ending.as_str()) {
        return Some(Refused::not_accepted(format!(
            "files ending in .{ending} are not accepted; send a PDF or a picture"
        )));
    }
    if let Some(claimed) = ending_family(&ending).filter(|claimed| !agree(*claimed, family)) {
        return Some(Refused::misnamed(format!(
            "the name ends in .{ending} ({claimed:?}) but the content is {found}; name it as it is"
        )));
    }
    let declared = normalized(declared);
    if let Some(claimed) = declared_family(&declared)
        && !claimed.is_some_and(|claimed| agree(claimed, family))
    {
        return Some(Refused::misnamed(format!(
            "declared as {} but the content is {found}; declare it as it is",
            excerpt(&declared, 100)
        )));
    }
    None
}

/// Whether the sender calls it a message.
pub(super) fn called_mail(file_name: &str, declared: &str) -> bool {
    ending(file_name) == "eml" || normalized(declared) == "message/rfc822"
}

/// A message may be called a text: it is one.
fn agree(claimed: Family, found: Family) -> bool {
    claimed == found || matches!((claimed, found), (Family::Text, Family::Mail))
}

fn normalized(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn ending(file_name: &str) -> String {
    base_name(file_name).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

fn ending_family(ending: &str) -> Option<Family> {
    Some(match ending {
        "pdf" => Family::Pdf,
        "jpg" | "jpeg" | "jpe" | "jfif" | "png" | "gif" | "webp" | "heic" | "heif" | "tif" | "tiff" => Family::Image,
        "docx" | "xlsx" | "odt" | "ods" | "doc" | "xls" | "zip" => Family::Office,
        "txt" | "csv" | "md" | "log" => Family::Text,
        "eml" => Family::Mail,
        _ => return None,
    })
}

/// The family claimed: `None` where nothing is, `Some(None)` for a type that is none of the accepted ones.
fn declared_family(declared: &str) -> Option<Option<Family>> {
    let family = match declared {
        "" | "application/octet-stream" | "binary/octet-stream" | "application/x-download" | "*/*" => return None,
        "application/zip" | "application/x-zip-compressed" | "application/msword" | "application/vnd.ms-excel" => {
            Some(Family::Office)
        }
        "application/x-pdf" => Some(Family::Pdf),
        "text/html" | "image/svg+xml" => None,
        image if image.starts_with("image/") => Some(Family::Image),
        text if text.starts_with("text/") => Some(Family::Text),
        office if office.starts_with("application/vnd.o") => Some(Family::Office),
        other => family_of(other),
    };
    Some(family)
}
