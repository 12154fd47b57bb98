//! A file seen chunk by chunk, in bounded memory: its size, its hash and what it is.

use parvis_kernel::Reason;
use sha2::{Digest as _, Sha256};

use super::{
    Refused,
    declared::{called_mail, contradiction},
    text::{TextWatch, active_content, looks_like_mail},
    zip_directory,
};

/// Bytes kept from the beginning.
const HEAD: usize = 8192;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Found from the content.
    pub media_type: &'static str,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Looks at a file going by.
pub struct Inspector {
    hash: Sha256,
    size: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    text: TextWatch,
    file_name: String,
    declared: String,
}

impl Inspector {
    /// For a file called `file_name`, declared as `declared`.
    pub fn new(file_name: &str, declared: &str) -> Self {
        Self {
            hash: Sha256::new(),
            size: 0,
            head: Vec::with_capacity(HEAD),
            tail: Vec::new(),
            text: TextWatch::default(),
            file_name: file_name.to_owned(),
            declared: declared.to_owned(),
        }
    }

    /// Bytes seen.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes.
    ///
    /// # Errors
    /// Why the file is refused, as soon as its beginning shows it.
    pub fn update(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let had_head = self.head.len() == HEAD;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if self.is_zip() {
            self.keep_tail(bytes);
        } else {
            self.text.update(bytes);
        }
        if !had_head && self.head.len() == HEAD {
            return self.judge_head();
        }
        Ok(())
    }

    /// What the whole file is.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn finish(self) -> Result<Verdict, Refused> {
        let media_type = self.media_type()?;
        if let Some(why) = contradiction(&self.file_name, &self.declared, media_type) {
            return Err(why);
        }
        Ok(Verdict { media_type, size: self.size, sha256: hex::encode(self.hash.finalize()) })
    }

    fn media_type(&self) -> Result<&'static str, Refused> {
        if self.size == 0 {
            return Err(Refused { reason: Reason::FileEmpty, message: "the file is empty; choose another".to_owned() });
        }
        if self.is_zip() {
            return zip_directory::document_type(&self.head, &self.tail, self.size);
        }
        // A text may begin like something else by chance (« BMW » like a bitmap); nothing else is a text by chance.
        if let Some(magic) = self.magic() {
            let known = allowed_magic(magic);
            if known.is_ok() || !self.text.is_utf8_text() {
                return known;
            }
        }
        if called_mail(&self.file_name, &self.declared) && !self.text.is_binary() && looks_like_mail(&self.head) {
            return Ok("message/rfc822");
        }
        if let Some(what) = active_content(&self.head) {
            return Err(refused(what));
        }
        if self.text.is_utf8_text() {
            return Ok("text/plain");
        }
        Err(refused("a file of unknown type, or a text that is not UTF-8"))
    }

    /// Refuses at the first kilobytes what the end would refuse all the same.
    fn judge_head(&self) -> Result<(), Refused> {
        if self.is_zip() || !self.text.is_binary() {
            return Ok(());
        }
        let media_type = allowed_magic(self.magic().unwrap_or("a file of unknown type"))?;
        contradiction(&self.file_name, &self.declared, media_type).map_or(Ok(()), Err)
    }

    fn is_zip(&self) -> bool {
        self.head.starts_with(b"PK\x03\x04") || self.head.starts_with(b"PK\x05\x06")
    }

    /// The type that the first bytes announce; texts announce none.
    fn magic(&self) -> Option<&'static str> {
        infer::get(&self.head)
            .filter(|kind| kind.matcher_type() != infer::MatcherType::Text)
            .map(|kind| kind.mime_type())
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        if self.tail.is_empty() && self.size <= HEAD as u64 {
            self.tail.clone_from(&self.head);
            return;
        }
        self.tail.extend_from_slice(bytes);
        // Cut seldom: each cut moves the whole.
        if self.tail.len() > 2 * zip_directory::TAIL {
            self.tail.drain(..self.tail.len() - zip_directory::TAIL);
        }
    }
}

fn allowed_magic(magic: &'static str) -> Result<&'static str, Refused> {
    let media_type = match magic {
        "image/heif" => "image/heic",
        other => other,
    };
    if super::family_of(media_type).is_some() { Ok(media_type) } else { Err(refused(media_type)) }
}

fn refused(what: &str) -> Refused {
    Refused::not_accepted(format!(
        "the content is {what}, which is not accepted; send a PDF, a picture (JPEG, PNG, GIF, WebP, HEIC, TIFF), a \
         docx, xlsx, odt or ods document, a text or a message (eml)"
    ))
}
