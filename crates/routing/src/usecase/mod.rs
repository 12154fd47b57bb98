//! One verb a file.

mod access;
mod answer_offer;
mod drain_queues;
mod explain_routing;
mod fire_timers;
mod get_queues;
mod import_directory;
mod list_agents;
mod list_decisions;
mod move_work;
mod reassign_case;
mod set_presence;

pub use access::{signed_in, supervises};
pub use answer_offer::{AnswerOffer, OfferView, answer_offer, list_offers};
pub use drain_queues::drain_queues;
pub use explain_routing::{ExplainRouting, explain_routing};
pub use fire_timers::fire_timers;
pub use get_queues::{Queue, get_queues};
pub use import_directory::{ImportSummary, import_directory};
pub use list_agents::{AgentView, list_agents};
pub use list_decisions::{DecisionView, list_decisions};
pub use move_work::{MoveWork, MovedCase, Plan, move_work};
pub use reassign_case::{ReassignCase, reassign_case};
pub use set_presence::set_presence;
