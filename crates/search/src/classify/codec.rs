//! Models as bytes: little-endian, every list preceded by its length.

use super::features::hash;

/// Appends values.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
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

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Tells models apart, not forgeries. Eight bytes at a time: models are tens of megabytes.
pub(crate) fn check_sum(bytes: &[u8]) -> u64 {
    let start = hash(b's', "");
    let mut chunks = bytes.chunks_exact(8);
    let mix = |state: u64, value: u64| (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let sum = chunks
        .by_ref()
        .fold(start, |state, chunk| mix(state, chunk.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))));
    chunks.remainder().iter().fold(mix(sum, bytes.len() as u64), |state, byte| mix(state, u64::from(*byte)))
}
