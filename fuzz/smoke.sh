#!/usr/bin/env bash
# Runs every fuzz target for SECONDS (10 unless told) and fails at the first finding.
#
# Works on stable Rust without cargo-fuzz: the coverage flags below are the ones cargo-fuzz passes,
# and no sanitizer is used (our own code is free of `unsafe`). Findings go to fuzz/artifacts/<target>/;
# new inputs stay out of the committed corpus.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-10}
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
-Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"

# Naming the host as the target keeps the flags away from build scripts.
cargo build --release --locked --target "$host"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in config expression condition log_format trigger request response proxy_header; do
    echo "fuzz: $target for $seconds s"
    mkdir -p "artifacts/$target" "$scratch/$target"
    dictionary=(-dict=keywords.dict)
    case $target in request | response | proxy_header) dictionary=() ;; esac
    if ! "target/$host/release/$target" "$scratch/$target" "corpus/$target" "${dictionary[@]}" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" >"$scratch/log" 2>&1; then
        grep -A 3 'panicked at' "$scratch/log" || true
        tail -n 12 "$scratch/log"
        echo "fuzz: $target found something, see fuzz/artifacts/$target/"
        exit 1
    fi
    grep -E '^(Done|stat::peak_rss_mb)' "$scratch/log"
done
