//! How the pages say things in French: dates, durations, numbers, states.
//!
//! Pure functions: the instant "now" and the time zone come in as parameters.

mod dates;
mod names;
mod numbers;
mod outcomes;
mod words;

pub use dates::{date, date_time, day_of, instant, iso_day, month_day, parse_day, relative, time_tag, weekday_date};
pub use names::{named, team_name, unit_name};
pub use numbers::{bytes, count, duration, half_within, nine_in_ten_within, percent, plural};
pub use outcomes::{
    TEXT_REMOVED, cause, failure, history_kind, notice_kind, notice_mode, notice_state, notice_way, outcome,
    outcome_public, silence,
};
pub use words::{
    capital, channel, contact_mode, kind, language, paragraphs, presence, priority, reading_reason, role, skill, state,
    state_public, state_tone, theme,
};
