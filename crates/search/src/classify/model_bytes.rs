//! A model as bytes, by which equal ones are told: none is kept, since training gives the very same again.

use super::{Model, codec::Writer, example::Head, model::HeadModel};

impl Model {
    /// All that predictions hang on: some tens of megabytes for 3,000 articles.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.number(length(self.spelling.len()));
        for (word, count) in &self.spelling {
            writer.text(word);
            writer.number(*count);
        }
        self.vocabulary.write(&mut writer);
        self.neighbours.write(&mut writer);
        writer.number(length(self.heads.len()));
        for (head, of_head) in &self.heads {
            writer.number(position(*head));
            of_head.write(&mut writer);
        }
        writer.finish()
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
            writer.number(position(*head));
            writer.numbers(parents);
        }
        writer.float(self.temperature);
        writer.float(self.threshold);
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn position(wanted: Head) -> u32 {
    length(Head::ALL.iter().position(|one| *one == wanted).unwrap_or(usize::MAX))
}
