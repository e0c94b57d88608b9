#!/usr/bin/env bash
# usage: fuzz/long.sh MINUTES [TARGET…]
#
# Fuzzes for MINUTES in all, shared evenly by the targets, keeping what each finds in
# fuzz/found/<target>/ so that the next run goes on from there. Fails at the first finding.
set -euo pipefail
[[ $# -ge 1 && $1 =~ ^[0-9]+$ ]] || { sed -n '2s/^# //p' "$0" >&2; exit 2; }
cd "$(dirname "$0")"

targets=("${@:2}")
[[ ${#targets[@]} -gt 0 ]] || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"/\1/p' Cargo.toml | tail -n +2)
export TIDEGATE_FUZZ_KEEP=$PWD/found
exec ./smoke.sh $(($1 * 60 / ${#targets[@]})) "${targets[@]}"
