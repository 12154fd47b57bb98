#!/usr/bin/env bash
# `make bench`: builds for release and measures; needs the same servers as the tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
eval "$(deploy/test/install.sh)"
cargo build --release --locked --package parvis
cargo build --release --locked --package parvis-tests --bins
exec "${CARGO_TARGET_DIR:-target}/release/bench" "$@"
