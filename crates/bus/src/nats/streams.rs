//! The stream of a role.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::{
    Context,
    context::GetStreamErrorKind,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use parvis_kernel::{Error, Result};

use super::{NatsOptions, unavailable};

/// `PARVIS_INTAKE`
pub(super) fn name_of(role: &str) -> String {
    format!("PARVIS_{}", role.to_uppercase())
}

fn config(options: &NatsOptions, role: &str) -> Config {
    Config {
        name: name_of(role),
        description: Some(format!("what {role} says")),
        subjects: vec![format!("parvis.{role}.>")],
        storage: StorageType::File,
        // A work queue forgets what it has seen when the server restarts.
        retention: RetentionPolicy::Limits,
        // Full: refuse, the outbox keeps. Never drop what somebody has not read.
        discard: DiscardPolicy::New,
        max_bytes: options.max_bytes,
        max_age: options.max_age,
        duplicate_window: options.duplicate_window,
        num_replicas: options.replicas,
        ..Config::default()
    }
}

/// What is said of a stream that only the operator makes.
pub(super) fn is_missing(name: &str) -> Error {
    Error::unavailable(format!("NATS has no stream {name}: make it with « parvis bus prepare »"))
}

/// Makes the stream, or brings it to our settings.
pub(super) async fn ensure(jetstream: &Context, options: &NatsOptions, role: &str) -> Result<()> {
    let wanted = config(options, role);
    let existing = match jetstream.get_stream(&wanted.name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) => {
            return match error.kind() {
                GetStreamErrorKind::JetStream(why) if why.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    if !options.make_streams {
                        return Err(is_missing(&wanted.name));
                    }
                    tracing::info!(role, "making the stream");
                    jetstream.create_stream(wanted).await.map_err(unavailable("NATS does not make a stream"))?;
                    Ok(())
                }
                _ => Err(unavailable("NATS does not show a stream")(error)),
            };
        }
    };
    if existing.retention != wanted.retention || existing.storage != wanted.storage {
        return Err(Error::precondition(format!(
            "the stream {} is not one of ours (retention, storage): delete it, it is made again and refilled from the \
             outbox with « parvis outbox republish »",
            wanted.name
        )));
    }
    let updated = Config {
        subjects: wanted.subjects,
        discard: wanted.discard,
        max_bytes: wanted.max_bytes,
        max_age: wanted.max_age,
        duplicate_window: wanted.duplicate_window,
        num_replicas: wanted.num_replicas,
        ..existing.clone()
    };
    if updated != existing && !options.make_streams {
        tracing::warn!(role, "the stream is not as the settings say: run « parvis bus prepare »");
        return Ok(());
    }
    if updated != existing {
        tracing::info!(role, "bringing the stream to our settings");
        jetstream.update_stream(updated).await.map_err(unavailable("NATS does not change a stream"))?;
    }
    Ok(())
}
