//! What can be done with timelines and figures.

mod access;
mod disclose;
mod get_figures;
mod get_timeline;
mod record_events;
mod watch_timeline;

pub use access::{AskTimeline, View};
pub use disclose::Hidden;
pub use get_figures::{AskFigures, Figures, UnitFigures, count_figures, get_figures};
pub use get_timeline::{Timeline, TimelineLine, get_timeline};
pub use record_events::record_events;
pub use watch_timeline::{Watching, watch_timeline};
