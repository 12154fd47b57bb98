//! What a classifier guesses of a text that no rule places. It proposes a service; it never decides a right.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use parvis_kernel::UnitId;
use serde::{Deserialize, Serialize};

/// A guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// The unit; `None` where the request is not for the authority.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Whose it is: empty for the authority, else the code of a competent body.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub competence: String,
    /// How probable, in percent.
    #[serde(rename = "p")]
    pub percent: u8,
    /// The words of the text that weighed most, without accents.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

/// What guesses. The same text gives the same guesses as long as the version is the same.
pub trait Guesser: Send + Sync + fmt::Debug {
    /// From 1; 0: nothing was learnt.
    fn version(&self) -> u64;
    /// The most probable, best first. Empty: no idea.
    fn guess(&self, title: &str, text: &str) -> Vec<Guess>;
}

/// Knows nothing.
#[derive(Debug)]
pub struct NoGuesser;

impl Guesser for NoGuesser {
    fn version(&self) -> u64 {
        0
    }

    fn guess(&self, _title: &str, _text: &str) -> Vec<Guess> {
        Vec::new()
    }
}

/// Guesses shown at most.
const SHOWN: usize = 3;

/// The guesser of an authority, replaced when a better one was trained.
#[derive(Clone)]
pub struct GuesserSlot(Arc<ArcSwap<Box<dyn Guesser>>>);

impl Default for GuesserSlot {
    fn default() -> Self {
        Self(Arc::new(ArcSwap::from_pointee(Box::new(NoGuesser))))
    }
}

impl fmt::Debug for GuesserSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuesserSlot({})", self.version())
    }
}

impl GuesserSlot {
    /// Puts another in its place.
    pub fn put(&self, guesser: Box<dyn Guesser>) {
        self.0.store(Arc::new(guesser));
    }

    /// Which version is in place; 0: none.
    pub fn version(&self) -> u64 {
        self.0.load().version()
    }

    /// The three best guesses, and the version that made them.
    pub fn guess(&self, title: &str, text: &str) -> (Vec<Guess>, u64) {
        let guesser = self.0.load_full();
        if guesser.version() == 0 {
            return (Vec::new(), 0);
        }
        let mut guesses = guesser.guess(title, text);
        guesses.truncate(SHOWN);
        (guesses, guesser.version())
    }
}
