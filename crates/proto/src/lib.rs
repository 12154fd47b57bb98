//! The contracts of every role, generated from `proto/`, and their conversions to and from the kernel's types.

#[expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; documented in the .proto files"
)]
mod generated {
    pub mod parvis {
        pub mod common {
            pub mod v1 {
                tonic::include_proto!("parvis.common.v1");
            }
        }
        pub mod identity {
            pub mod v1 {
                tonic::include_proto!("parvis.identity.v1");
            }
        }
        pub mod intake {
            pub mod v1 {
                tonic::include_proto!("parvis.intake.v1");
            }
        }
        pub mod casework {
            pub mod v1 {
                tonic::include_proto!("parvis.casework.v1");
            }
        }
        pub mod routing {
            pub mod v1 {
                tonic::include_proto!("parvis.routing.v1");
            }
        }
        pub mod knowledge {
            pub mod v1 {
                tonic::include_proto!("parvis.knowledge.v1");
            }
        }
        pub mod notification {
            pub mod v1 {
                tonic::include_proto!("parvis.notification.v1");
            }
        }
        pub mod tracking {
            pub mod v1 {
                tonic::include_proto!("parvis.tracking.v1");
            }
        }
    }
}

pub mod errors;
pub mod events;
pub mod time;

pub use errors::{MAX_HEADERS, error_from_status, status_from_error};
pub use generated::parvis::{
    casework::v1 as casework, common::v1 as common, identity::v1 as identity, intake::v1 as intake,
    knowledge::v1 as knowledge, notification::v1 as notification, routing::v1 as routing, tracking::v1 as tracking,
};
pub use time::{from_proto_time, to_proto_time};

/// Every contract, for gRPC server reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
