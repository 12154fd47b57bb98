//! Models as bytes: little-endian, every list preceded by its length, the whole preceded by a mark and followed by a
//! check sum.

use super::features::hash;

/// First bytes of every model; the last two are the version of the format.
const MARK: &[u8; 8] = b"PVCLS\x00\x00\x01";

/// Bytes that are no model, or one of another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first bytes are not those of a model of this version.
    #[error("these bytes are not a classification model of this version; train a new one")]
    Mark,
    /// Something is missing or too much, or the check sum differs.
    #[error("the classification model is damaged; train a new one")]
    Damaged,
}

/// Appends values.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn new() -> Self {
        Self(MARK.to_vec())
    }

    pub fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub fn float(&mut self, float: f32) {
        self.number(float.to_bits());
    }

    fn length(&mut self, length: usize) {
        self.number(u32::try_from(length).unwrap_or(u32::MAX));
    }

    pub fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn numbers(&mut self, numbers: &[u32]) {
        self.length(numbers.len());
        numbers.iter().for_each(|number| self.number(*number));
    }

    pub fn floats(&mut self, floats: &[f32]) {
        self.length(floats.len());
        floats.iter().for_each(|float| self.float(*float));
    }

    pub fn hashes(&mut self, hashes: &[u64]) {
        self.length(hashes.len());
        hashes.iter().for_each(|hash| self.0.extend_from_slice(&hash.to_le_bytes()));
    }

    /// The bytes with their check sum.
    pub fn finish(mut self) -> Vec<u8> {
        let sum = check_sum(&self.0);
        self.0.extend_from_slice(&sum.to_le_bytes());
        self.0
    }
}

/// Takes values off.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Checks the mark and the sum.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if !bytes.starts_with(MARK) {
            return Err(DecodeError::Mark);
        }
        let (content, sum) = bytes.split_last_chunk::<8>().ok_or(DecodeError::Damaged)?;
        if check_sum(content) != u64::from_le_bytes(*sum) {
            return Err(DecodeError::Damaged);
        }
        content.get(MARK.len()..).map(Self).ok_or(DecodeError::Damaged)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(DecodeError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A list of values of so many bytes each.
    fn list(&mut self, size: usize) -> Result<std::slice::ChunksExact<'a, u8>, DecodeError> {
        let length = self.number()? as usize;
        let bytes = length.checked_mul(size).ok_or(DecodeError::Damaged)?;
        Ok(self.take(bytes)?.chunks_exact(size))
    }

    pub fn number(&mut self) -> Result<u32, DecodeError> {
        Ok(u32_of(self.take(4)?))
    }

    pub fn float(&mut self) -> Result<f32, DecodeError> {
        self.number().map(f32::from_bits)
    }

    pub fn text(&mut self) -> Result<String, DecodeError> {
        let length = self.number()? as usize;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| DecodeError::Damaged)
    }

    pub fn numbers(&mut self) -> Result<Vec<u32>, DecodeError> {
        Ok(self.list(4)?.map(u32_of).collect())
    }

    pub fn floats(&mut self) -> Result<Vec<f32>, DecodeError> {
        Ok(self.list(4)?.map(|bytes| f32::from_bits(u32_of(bytes))).collect())
    }

    pub fn hashes(&mut self) -> Result<Vec<u64>, DecodeError> {
        Ok(self.list(8)?.map(|bytes| bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))).collect())
    }

    /// Nothing must be left.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Damaged) }
    }
}

fn u32_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

/// Against accidents, not against forgery. Eight bytes at a time: models are tens of megabytes.
pub(crate) fn check_sum(bytes: &[u8]) -> u64 {
    let start = hash(b's', "");
    let mut chunks = bytes.chunks_exact(8);
    let mix = |state: u64, value: u64| (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let sum = chunks
        .by_ref()
        .fold(start, |state, chunk| mix(state, chunk.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))));
    chunks.remainder().iter().fold(mix(sum, bytes.len() as u64), |state, byte| mix(state, u64::from(*byte)))
}
