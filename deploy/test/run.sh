#!/usr/bin/env bash
# `make test`: finds or installs PostgreSQL and nats-server, then runs every test. The tests start their own servers,
# on free ports and in temporary folders, and stop them.
set -euo pipefail
cd "$(dirname "$0")/../.."
eval "$(deploy/test/install.sh)"
export RUST_BACKTRACE=1
cargo build --locked --package parvis
# One town at a time: each end-to-end test starts processes of its own.
cargo test --locked --workspace --exclude parvis-tests "$@"
cargo test --locked --package parvis-tests -- --test-threads=1
