//! The known texts nearest to a message: several BM25 scores, each divided by its greatest, added up.

use super::{
    codec::Writer,
    corpus::{Corpus, Kept},
    example::{Part, SourceKind},
    features::{self, Message, Word},
};

/// Saturation of repeated words and weight of the length of a text: the usual values of BM25.
const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;

/// Words that fewer corrections than this contain, and no public text, are forgotten: they could name somebody.
pub(crate) const CORRECTIONS_TO_REMEMBER: usize = 3;

/// What is compared, and how much it counts.
const CHANNELS: [(Field, Kind, f32); 6] = [
    (Field::Head, Kind::Terms, 1.0),
    (Field::Body, Kind::Terms, 1.0),
    (Field::Path, Kind::Terms, 1.0),
    (Field::Passage, Kind::Terms, 1.0),
    (Field::Head, Kind::Pieces, 0.5),
    (Field::Body, Kind::Pairs, 0.5),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Head,
    Body,
    Path,
    Passage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Terms,
    Pairs,
    Pieces,
}

/// An index of sources.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Neighbours {
    sources: u32,
    channels: Vec<Channel>,
}

/// The texts of one field by feature.
#[derive(Debug, Clone, Default, PartialEq)]
struct Channel {
    hashes: Vec<u64>,
    starts: Vec<u32>,
    documents: Vec<u32>,
    impacts: Vec<f32>,
    /// The source of each document.
    owners: Vec<u32>,
}

/// One text of a channel while it is built.
struct FieldText {
    owner: u32,
    public: bool,
    features: Vec<u64>,
}

impl Neighbours {
    /// An index of the sources in their order.
    pub fn new(corpus: &Corpus, sources: &[Kept<'_>]) -> Self {
        let channels = CHANNELS.iter().map(|(field, kind, _)| Channel::new(&texts(corpus, sources, *field, *kind)));
        Self { sources: u32::try_from(sources.len()).unwrap_or(u32::MAX), channels: channels.collect() }
    }

    /// How near each source is, from 0 (nothing in common) to 1.
    pub fn scores(&self, message: &Message) -> Vec<f32> {
        let words = message.words();
        let mut total = vec![0.0; self.sources as usize];
        let weights: f32 = CHANNELS.iter().map(|(.., weight)| weight).sum();
        for (channel, (_, kind, weight)) in self.channels.iter().zip(CHANNELS) {
            let mut features: Vec<(u64, f32)> = of_kind(kind, &words).into_iter().map(|hash| (hash, 1.0)).collect();
            if kind == Kind::Terms {
                features.extend(&message.synonyms);
            }
            let scores = channel.scores(features, total.len());
            let greatest = scores.iter().copied().fold(0.0, f32::max);
            if greatest > 0.0 {
                for (sum, score) in total.iter_mut().zip(scores) {
                    *sum += weight / weights * score / greatest;
                }
            }
        }
        total
    }

    /// By how much the term of each word brings the first source nearer than the second.
    pub fn favours(&self, words: &[&Word], first: usize, second: usize) -> Vec<f32> {
        let weights: f32 = CHANNELS.iter().map(|(.., weight)| weight).sum();
        let mut favours = vec![0.0; words.len()];
        for (channel, (_, kind, weight)) in self.channels.iter().zip(CHANNELS) {
            if kind != Kind::Terms {
                continue;
            }
            let features = of_kind(kind, words).into_iter().map(|hash| (hash, 1.0)).collect();
            let scores = channel.scores(features, self.sources as usize);
            let greatest = scores.into_iter().fold(f32::MIN_POSITIVE, f32::max);
            for (favour, word) in favours.iter_mut().zip(words) {
                let difference = channel.impact(word.term, first) - channel.impact(word.term, second);
                *favour += weight / weights * difference / greatest;
            }
        }
        favours
    }

    /// Whether some text is known to have a feature.
    #[cfg(test)]
    pub fn remembers(&self, hash: u64) -> bool {
        self.channels.iter().any(|channel| channel.hashes.binary_search(&hash).is_ok())
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.number(self.sources);
        for channel in &self.channels {
            writer.hashes(&channel.hashes);
            writer.numbers(&channel.starts);
            writer.numbers(&channel.documents);
            writer.floats(&channel.impacts);
            writer.numbers(&channel.owners);
        }
    }
}

impl Channel {
    fn new(documents: &[FieldText]) -> Self {
        let mut entries: Vec<(u64, u32)> = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            entries.extend(document.features.iter().map(|hash| (*hash, index)));
        }
        entries.sort_unstable();
        let count = documents.len() as f64;
        let features: usize = documents.iter().map(|document| document.features.len()).sum();
        let mean = (features as f64 / count.max(1.0)).max(1.0);
        let mut channel = Self { starts: vec![0], ..Self::default() };
        channel.owners = documents.iter().map(|document| document.owner).collect();
        for same in entries.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(hash, _)) = same.first() else { continue };
            let holders: Vec<&[(u64, u32)]> = same.chunk_by(|a, b| a.1 == b.1).collect();
            let public = same.iter().any(|entry| documents.get(entry.1 as usize).is_some_and(|d| d.public));
            if !public && holders.len() < CORRECTIONS_TO_REMEMBER {
                continue;
            }
            let rarity = (1.0 + (count - holders.len() as f64 + 0.5) / (holders.len() as f64 + 0.5)).ln();
            for holder in holders {
                let Some(&(_, index)) = holder.first() else { continue };
                let length = documents.get(index as usize).map_or(0, |document| document.features.len()) as f64;
                let times = holder.len() as f64;
                let impact = rarity * times * (SATURATION + 1.0)
                    / (times + SATURATION * (1.0 - LENGTH + LENGTH * length / mean));
                channel.documents.push(index);
                channel.impacts.push(impact as f32);
            }
            channel.hashes.push(hash);
            channel.starts.push(u32::try_from(channel.documents.len()).unwrap_or(u32::MAX));
        }
        channel
    }

    /// The texts that have a feature, and what it brings to each.
    fn holders(&self, hash: u64) -> impl Iterator<Item = (usize, f32)> + '_ {
        let index = self.hashes.binary_search(&hash).unwrap_or(self.hashes.len());
        let start = self.starts.get(index).copied().unwrap_or(0) as usize;
        let end = self.starts.get(index + 1).copied().unwrap_or(0) as usize;
        let documents = self.documents.get(start..end).unwrap_or_default();
        let impacts = self.impacts.get(start..end).unwrap_or_default();
        documents.iter().zip(impacts).map(|(document, impact)| (*document as usize, *impact))
    }

    /// What a feature brings to the best of the texts of a source.
    fn impact(&self, hash: u64, source: usize) -> f32 {
        let owned =
            self.holders(hash).filter(|(text, _)| self.owners.get(*text).is_some_and(|o| *o as usize == source));
        owned.map(|(_, impact)| impact).fold(0.0, f32::max)
    }

    /// The best score among the texts of each source.
    fn scores(&self, mut features: Vec<(u64, f32)>, sources: usize) -> Vec<f32> {
        features.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        features.dedup_by_key(|(hash, _)| *hash);
        let mut scores = vec![0.0_f32; self.owners.len()];
        for (hash, weight) in features {
            for (document, impact) in self.holders(hash) {
                if let Some(score) = scores.get_mut(document) {
                    *score += weight * impact;
                }
            }
        }
        let mut best = vec![0.0_f32; sources];
        for (owner, score) in self.owners.iter().zip(scores) {
            if let Some(best) = best.get_mut(*owner as usize) {
                *best = best.max(score);
            }
        }
        best
    }
}

/// The texts of a channel. A source without a text of its own is its title and summary.
fn texts(corpus: &Corpus, sources: &[Kept<'_>], field: Field, kind: Kind) -> Vec<FieldText> {
    let mut found = Vec::new();
    for (index, kept) in sources.iter().enumerate() {
        let public = kept.source.source.kind != SourceKind::Correction;
        let owner = u32::try_from(index).unwrap_or(u32::MAX);
        let mut push = |features: Vec<u64>| found.push(FieldText { owner, public, features });
        let title = corpus.words_of(*kept, Part::Title);
        let head = || [title.clone(), corpus.words_of(*kept, Part::Summary)].concat();
        match field {
            Field::Head => push(of_kind(kind, &head())),
            Field::Path => push(of_kind(kind, &corpus.words_of(*kept, Part::Path))),
            Field::Body | Field::Passage => {
                let body = corpus.body_of(*kept);
                let of_passages = body.iter().map(|passage| of_kind(kind, passage));
                match field {
                    _ if body.is_empty() => push(of_kind(kind, &head())),
                    Field::Body => push(of_passages.flatten().collect()),
                    _ => of_passages.for_each(|passage| push([of_kind(kind, &title), passage].concat())),
                }
            }
        }
    }
    found
}

fn of_kind(kind: Kind, words: &[&Word]) -> Vec<u64> {
    match kind {
        Kind::Terms => features::terms(words),
        Kind::Pairs => features::pairs(words),
        Kind::Pieces => features::pieces(words),
    }
}
