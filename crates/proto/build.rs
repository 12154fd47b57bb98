//! Compiles the contracts under `proto/` with a compiler written in Rust, so that no `protoc` is needed.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let roles = ["common", "identity", "intake", "casework", "routing", "knowledge", "notification", "tracking"];
    let files: Vec<_> = roles.iter().map(|role| root.join(format!("parvis/{role}/v1/{role}.proto"))).collect();
    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().build_transport(false).compile_fds(descriptors)?;
    Ok(())
}
