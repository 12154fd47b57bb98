//! `[tracking]`

use serde::Deserialize;

/// The role's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackingConfig {
    /// How often the gateway writes a comment on an idle stream of events.
    pub sse_keepalive_seconds: u64,
    /// How often a watched request is looked at, for lines that another process wrote.
    pub watch_poll_milliseconds: u64,
}
