//! From a position in a text to its line.

use super::Located;

/// A text's lines.
pub(super) struct Lines<'a> {
    file: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(file: &'a str, text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, starts }
    }

    /// The line, from 1, of the byte at `offset`.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    pub(super) fn error(&self, offset: usize, message: impl Into<String>) -> Located {
        self.error_at_line(self.line(offset), message)
    }

    pub(super) fn error_at_line(&self, line: usize, message: impl Into<String>) -> Located {
        Located { file: self.file.to_owned(), line, message: message.into() }
    }
}
