#!/usr/bin/env bash
# `make test`: finds or installs PostgreSQL and nats-server, then runs every test. The tests start their own servers,
# on free ports and in temporary folders, and stop them.
set -euo pipefail
cd "$(dirname "$0")/../.."
eval "$(deploy/test/install.sh)"
export RUST_BACKTRACE=1
# One selection for everything: another would build the dependencies again with other features.
cargo test --locked --workspace "$@"
