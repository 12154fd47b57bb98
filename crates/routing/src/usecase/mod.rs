//! One verb a file.

mod access;
mod drain_queues;
mod explain_routing;
mod get_queues;
mod import_directory;
mod list_agents;
mod list_decisions;
mod reassign_case;
mod set_presence;

pub use access::{signed_in, supervises};
pub use drain_queues::drain_queues;
pub use explain_routing::{ExplainRouting, explain_routing};
pub use get_queues::{Queue, get_queues};
pub use import_directory::{ImportSummary, import_directory};
pub use list_agents::{AgentView, list_agents};
pub use list_decisions::{DecisionView, list_decisions};
pub use reassign_case::{ReassignCase, reassign_case};
pub use set_presence::set_presence;
