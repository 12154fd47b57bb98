//! One verb a file.

mod access;
mod draft_rules;
mod drain_queues;
mod explain_routing;
mod forget_past_cases;
mod get_queues;
mod import_catalogue;
mod import_directory;
mod list_agents;
mod list_decisions;
mod publish_rules;
mod reassign_case;
mod refuse_transfer;
mod rule_sets;
mod set_presence;
mod simulate_rules;
mod train_guessers;

pub use access::{signed_in, supervises};
pub use draft_rules::{DraftView, SaveRuleDraft, discard_rule_draft, get_rule_draft, save_rule_draft};
pub use drain_queues::drain_queues;
pub use explain_routing::{ExplainRouting, explain_routing};
pub use forget_past_cases::forget_past_cases;
pub use get_queues::{Queue, get_queues};
pub use import_catalogue::import_catalogue;
pub use import_directory::{ImportSummary, import_directory};
pub use list_agents::{AgentView, list_agents};
pub use list_decisions::{DecisionView, list_decisions};
pub use publish_rules::{PublishRules, publish_rules};
pub use reassign_case::{ReassignCase, reassign_case};
pub use refuse_transfer::{RefuseTransfer, refuse_transfer};
pub use rule_sets::{RuleSetView, get_rule_set, list_rule_faults, list_rule_sets};
pub use set_presence::set_presence;
pub use simulate_rules::{SimulateRules, SimulationView, simulate_rules};
pub use train_guessers::train_guessers;
