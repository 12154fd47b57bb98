//! Which files may come with a request: what they are is read in their content, never believed.

mod declared;
mod inspector;
#[cfg(test)]
mod tests;
mod text;
mod zip_directory;

pub use inspector::{Inspector, Verdict};

use parvis_kernel::{Reason, Timestamp};

/// Characters of a file's name at most.
pub const MAX_NAME: usize = 255;

/// A broad kind of file. A declared type of another family than the content's is a lie or a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Photographs, scans.
    Image,
    /// PDF.
    Pdf,
    /// Text and spreadsheet documents.
    Office,
    /// Plain text.
    Text,
    /// A message.
    Mail,
}

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// For a machine.
    pub reason: Reason,
    /// In English, with what to do.
    pub message: String,
}

impl Refused {
    fn not_accepted(message: impl Into<String>) -> Self {
        Self { reason: Reason::FileNotAccepted, message: message.into() }
    }

    fn unreadable(message: impl Into<String>) -> Self {
        Self { reason: Reason::FileUnreadable, message: message.into() }
    }

    fn misnamed(message: impl Into<String>) -> Self {
        Self { reason: Reason::FileMisnamed, message: message.into() }
    }
}

/// What may be accepted, with its family.
pub const ALLOWED: [(&str, Family); 13] = [
    ("application/pdf", Family::Pdf),
    ("image/jpeg", Family::Image),
    ("image/png", Family::Image),
    ("image/gif", Family::Image),
    ("image/webp", Family::Image),
    ("image/heic", Family::Image),
    ("image/tiff", Family::Image),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", Family::Office),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Family::Office),
    ("application/vnd.oasis.opendocument.text", Family::Office),
    ("application/vnd.oasis.opendocument.spreadsheet", Family::Office),
    ("text/plain", Family::Text),
    ("message/rfc822", Family::Mail),
];

/// The family of an accepted type.
pub fn family_of(media_type: &str) -> Option<Family> {
    ALLOWED.iter().find(|(name, _)| *name == media_type).map(|(_, family)| *family)
}

/// The file's own name, without the folders that some browsers send.
pub fn base_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name).trim()
}

/// Where an attachment's bytes are: `<tenant>/<yyyy>/<mm>/<id>`, by the month it was uploaded (UTC).
pub fn object_path(
    tenant: &parvis_kernel::TenantId,
    id: parvis_kernel::AttachmentId,
    uploaded_at: Timestamp,
) -> String {
    let at = uploaded_at.to_zoned(jiff::tz::TimeZone::UTC);
    format!("{tenant}/{:04}/{:02}/{id}", at.year(), at.month())
}
