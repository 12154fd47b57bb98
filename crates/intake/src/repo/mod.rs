//! What is kept, one file an aggregate. Every finder takes the tenant.

pub mod attachment;
pub mod idempotency;
pub mod instant_answer;
pub mod procedure;
pub mod reference_counter;
pub mod request;
pub mod secret;
