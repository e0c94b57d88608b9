#!/usr/bin/env bash
# usage: tests/regtests.sh run HAPROXY_CHECKOUT [TEST…]
#        tests/regtests.sh table | failing
#
# run      plays HAProxy's own tests, those of docs/regtests.tsv or those named, against our binary
#          (TIDEGATE_BINARY, or target/release/tidegate) with VTest (VTEST_PROGRAM), and notes in
#          docs/regtests.tsv what became of each: pass, skip or fail
# table    sums that up by directory
# failing  lists the tests that do not pass, each with its reason: the third column, written by hand
set -euo pipefail
cd "$(dirname "$0")/.."
notes=docs/regtests.tsv

# One test: its path below reg-tests/. Prints it and what became of it.
play() {
    local work status=0
    work=$(mktemp -d)
    (cd "$CHECKOUT" && TMPDIR=$work timeout 60 "$VTEST_PROGRAM" -b 2097152 -k -t 10 -l "reg-tests/$1" >/dev/null 2>&1) || status=$?
    rm -rf "$work"
    case $status in
    0) printf '%s\tpass\n' "$1" ;;
    77) printf '%s\tskip\n' "$1" ;;
    *) printf '%s\tfail\n' "$1" ;;
    esac
}

run() {
    export CHECKOUT=${1:?a checkout of HAProxy}
    shift
    export VTEST_PROGRAM HAPROXY_ARGS="-dM -dI -dW"
    HAPROXY_PROGRAM=$(realpath "${TIDEGATE_BINARY:-target/release/tidegate}")
    export HAPROXY_PROGRAM
    export -f play
    local results
    results=$(mktemp)
    if [[ $# -gt 0 ]]; then printf '%s\n' "$@"; else grep -v '^#' "$notes" | cut -f1; fi |
        xargs -P "${JOBS:-2}" -I{} bash -c 'play {}' >"$results"
    # What was known and not played stays; reasons stay.
    awk -F'\t' -v OFS='\t' '
        NR == FNR { result[$1] = $2; next }
        /^#/ { print; next }
        { known[$1]; print $1, ($1 in result ? result[$1] : $2), $3 }
        END { for (test in result) if (!(test in known)) print test, result[test], "" }
    ' "$results" "$notes" >"$results.new"
    { grep '^#' "$results.new"; grep -v '^#' "$results.new" | sort; } >"$notes"
    rm -f "$results" "$results.new"
    table | tail -n 1
}

table() {
    printf '| directory | run | pass | skip | fail |\n|---|--:|--:|--:|--:|\n'
    grep -v '^#' "$notes" | awk -F'\t' '
        { split($1, part, "/"); n[part[1]]++; count[part[1], $2]++; all++; total[$2]++ }
        END {
            for (d in n) printf "| %s | %d | %d | %d | %d |\n", d, n[d], count[d, "pass"], count[d, "skip"], count[d, "fail"] | "sort"
            close("sort")
            printf "| **all** | **%d** | **%d** | **%d** | **%d** |\n", all, total["pass"], total["skip"], total["fail"]
        }'
}

failing() {
    printf '| test | | why |\n|---|---|---|\n'
    grep -v '^#' "$notes" | awk -F'\t' '$2 != "pass" { printf "| %s | %s | %s |\n", $1, $2, ($3 == "" ? "**no reason noted**" : $3) }'
}

case ${1:-} in
run | table | failing) "$@" ;;
*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
