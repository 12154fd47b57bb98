//! A model as bytes, and back.

use std::collections::BTreeMap;

use super::{
    DecodeError, Model,
    bayes::{Bayes, Vocabulary},
    codec::{Reader, Writer},
    example::{Head, Source, SourceKind},
    learning::speller_of,
    model::HeadModel,
    neighbours::Neighbours,
};
use crate::analysis::Analyzer;

const KINDS: [SourceKind; 3] = [SourceKind::Article, SourceKind::Procedure, SourceKind::Correction];

impl Model {
    /// The model as bytes, to be kept: some tens of megabytes for 3,000 articles.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.number(length(self.spelling.len()));
        for (word, count) in &self.spelling {
            writer.text(word);
            writer.number(*count);
        }
        writer.number(length(self.sources.len()));
        for source in &self.sources {
            writer.number(position(&KINDS, source.kind));
            writer.text(&source.id);
        }
        self.vocabulary.write(&mut writer);
        self.neighbours.write(&mut writer);
        writer.number(length(self.heads.len()));
        for (head, of_head) in &self.heads {
            writer.number(position(&Head::ALL, *head));
            of_head.write(&mut writer);
        }
        writer.finish()
    }

    /// The model that gave these bytes: it predicts the very same.
    ///
    /// # Errors
    /// Bytes that are no model, of another version of the format, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes)?;
        let mut spelling = Vec::new();
        for _ in 0..reader.number()? {
            spelling.push((reader.text()?, reader.number()?));
        }
        let mut sources = Vec::new();
        for _ in 0..reader.number()? {
            sources.push(Source { kind: at(&KINDS, reader.number()?)?, id: reader.text()? });
        }
        let vocabulary = Vocabulary::read(&mut reader)?;
        let neighbours = Neighbours::read(&mut reader)?;
        let mut heads = BTreeMap::new();
        for _ in 0..reader.number()? {
            heads.insert(at(&Head::ALL, reader.number()?)?, HeadModel::read(&mut reader)?);
        }
        reader.finish()?;
        let mut model = Self {
            analyzer: Analyzer::new(),
            speller: speller_of(&spelling),
            spelling,
            sources,
            vocabulary,
            neighbours,
            heads,
            version: 0,
        };
        model.version = Model::version_of(bytes);
        Ok(model)
    }

    /// What identifies a model of such bytes: their check sum.
    pub(crate) fn version_of(bytes: &[u8]) -> u64 {
        bytes.last_chunk::<8>().map_or(0, |sum| u64::from_le_bytes(*sum))
    }
}

impl HeadModel {
    fn write(&self, writer: &mut Writer) {
        writer.number(length(self.labels.len()));
        self.labels.iter().for_each(|label| writer.text(label));
        self.bayes.write(writer);
        writer.numbers(&self.of_source);
        writer.number(length(self.finer.len()));
        for (head, parents) in &self.finer {
            writer.number(position(&Head::ALL, *head));
            writer.numbers(parents);
        }
        writer.float(self.temperature);
        writer.float(self.threshold);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut of_head = Self::default();
        for _ in 0..reader.number()? {
            of_head.labels.push(reader.text()?);
        }
        of_head.bayes = Bayes::read(reader)?;
        of_head.of_source = reader.numbers()?;
        for _ in 0..reader.number()? {
            of_head.finer.push((at(&Head::ALL, reader.number()?)?, reader.numbers()?));
        }
        of_head.temperature = reader.float()?;
        of_head.threshold = reader.float()?;
        Ok(of_head)
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn position<T: PartialEq>(all: &[T], wanted: T) -> u32 {
    length(all.iter().position(|one| *one == wanted).unwrap_or(usize::MAX))
}

fn at<T: Copy>(all: &[T], position: u32) -> Result<T, DecodeError> {
    all.get(position as usize).copied().ok_or(DecodeError::Damaged)
}
