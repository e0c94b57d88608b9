#!/usr/bin/env bash
# usage: fuzz/smoke.sh [SECONDS [TARGET…]]
#        fuzz/smoke.sh total SECONDS
#
# Runs every fuzz target, or those named, for SECONDS each (10 unless told), or all of them for that
# long together, and fails at the first finding. The last lines are a table: target, executions, seconds,
# edges covered, edges there are in the whole program, peak memory in MB.
#
# Works on stable Rust without cargo-fuzz: the coverage flags below are the ones cargo-fuzz passes,
# and no sanitizer is used (our own code is free of `unsafe`). Findings go to fuzz/artifacts/<target>/;
# new inputs stay out of the committed corpus.
set -euo pipefail
cd "$(dirname "$0")"

together=
if [[ ${1:-} == total ]]; then
    together=${2:?how many seconds}
    set --
fi
seconds=${1:-10}
targets=("${@:2}")
[[ ${#targets[@]} -gt 0 ]] || targets=(config expression condition log_format trigger request response proxy_header connection table_dump peer command agent)
[[ -z $together ]] || seconds=$((together / ${#targets[@]}))
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
-Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"

# Naming the host as the target keeps the flags away from build scripts.
cargo build --release --locked --target "$host" "${targets[@]/#/--bin=}"

scratch=$(mktemp -d)
echo target executions seconds edges of MB >"$scratch/table"
trap 'column -t "$scratch/table"; rm -rf "$scratch"' EXIT
for target in "${targets[@]}"; do
    echo "fuzz: $target for $seconds s" >&2
    found=${TIDEGATE_FUZZ_KEEP:-$scratch}/$target
    mkdir -p "artifacts/$target" "$found"
    dictionary=(-dict=keywords.dict)
    case $target in request | response | proxy_header | connection | table_dump | peer | agent) dictionary=() ;; esac
    if ! "target/$host/release/$target" "$found" "corpus/$target" "${dictionary[@]}" \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="artifacts/$target/" >"$scratch/log" 2>&1; then
        grep -A 3 'panicked at' "$scratch/log" || true
        tail -n 12 "$scratch/log"
        echo "fuzz: $target found something, see fuzz/artifacts/$target/"
        exit 1
    fi
    executions=$(awk '/^Done/ { print $2 }' "$scratch/log")
    edges=$(grep -oE 'cov: [0-9]+' "$scratch/log" | tail -n 1 | cut -d' ' -f2)
    program=$(sed -n 's/^INFO: Loaded .*(\([0-9]*\) inline 8-bit counters.*/\1/p' "$scratch/log" | head -n 1)
    memory=$(awk '/^stat::peak_rss_mb/ { print $2 }' "$scratch/log")
    printf '%s %s %s %s %s %s\n' "$target" "$executions" "$seconds" "$edges" "$program" "$memory" >>"$scratch/table"
done
awk 'NR > 1 { n += $2; s += $3 } END { print "all", n, s, "-", "-", "-" }' "$scratch/table" >"$scratch/all"
cat "$scratch/all" >>"$scratch/table"
