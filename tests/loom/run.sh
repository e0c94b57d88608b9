#!/usr/bin/env bash
# usage: tests/loom/run.sh
#
# Tries every order in which threads can meet in the lock-free parts of stick tables.
set -euo pipefail
cd "$(dirname "$0")"
RUSTFLAGS="--cfg loom" cargo test --release --locked
