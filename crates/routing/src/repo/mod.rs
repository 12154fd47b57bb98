//! What is kept. Every finder takes the tenant.
//!
//! Writers of one authority take turns: [`directory::lock`] comes first in every transaction that changes loads,
//! queues or presence, so counts are read and written without a race whatever the number of processes.

pub mod agent;
pub mod case;
pub mod catalogue;
pub mod decision;
pub mod desk;
pub mod directory;
pub mod learning;
pub mod past_case;
pub mod queue;
pub mod rule_fault;
pub mod rule_set;
pub mod transfer;
pub mod waiting;
