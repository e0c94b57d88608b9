#!/usr/bin/env bash
# Compares the verdicts of `tidegate check --allow-unsupported` with HAProxy's over a directory of
# configurations that has a VERDICTS.tsv: file, accept or reject, and anything else. Prints each
# difference with what we found. Names, users and files count as present, as they were there.
set -euo pipefail
[[ $# -eq 1 && -f $1/VERDICTS.tsv ]] || { echo "usage: tests/corpus.sh DIRECTORY" >&2; exit 2; }
directory=$(realpath "$1")
cd "$(dirname "$0")/.."
TIDEGATE_CORPUS=$directory cargo test --quiet --lib compile::tests::corpus -- --nocapture
