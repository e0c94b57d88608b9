#!/usr/bin/env bash
# usage: tests/scoreboard.sh [PART…]
#
# Measures what the project claims and writes docs/SCOREBOARD.md: all of it, or only the parts named; the
# others stay as they were, each with the date and the commit it was measured at. Every figure
# stands beside the command it came from. The parts:
#
#   tests language acceptance seeds decisions parity corpus memory soak size start cold fuzz peers regtests
#
# What needs something from outside is measured when these name it:
#   TIDEGATE_CORPUS    corpus: a directory of configurations with a VERDICTS.tsv (tests/corpus.sh)
#   TIDEGATE_HAPROXY   parity: the haproxy to compare with, instead of the one on PATH
#   TIDEGATE_REGTESTS  regtests: a checkout of HAProxy 3.4, with VTEST_PROGRAM (docs/REGTESTS.md);
#                      without it the last results are shown
#   TIDEGATE_SEED_SECONDS, TIDEGATE_LIVES
#                      seeds: the seeds' own 200 seconds, and how many requests (10000)
#   FUZZ_SECONDS       fuzz: seconds of each target (10)
#   TIDEGATE_BINARY    a build to measure instead of target/release/tidegate
set -euo pipefail
cd "$(dirname "$0")/.."

board=docs/SCOREBOARD.md
parts=(tests language acceptance seeds decisions parity corpus memory soak size start cold fuzz peers regtests)
# Acceptance items there are, in the list the project started from.
items=158
tidegate=${TIDEGATE_BINARY:-target/release/tidegate}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a command prints, which may fail, in a file; then rows of a table made of it.
log() { "${@:2}" >"$scratch/$1" 2>&1 || true; }
row() { printf '| %s | %s | `%s` |\n' "$1" "$2" "$3"; }
table() { printf '| what | figure | command |\n|---|---|---|\n'; }
release() { [[ -n ${TIDEGATE_BINARY:-} ]] || cargo build --release --locked 2>&1 | tail -n 1 >&2; }

title() {
    case $1 in
    tests) echo "Tests" ;;
    language) echo "Language" ;;
    acceptance) echo "Acceptance items" ;;
    seeds) echo "Load runs of the seeds" ;;
    decisions) echo "What a decision costs" ;;
    parity) echo "The same script against HAProxy" ;;
    corpus) echo "Real configurations" ;;
    memory) echo "Memory and abuse" ;;
    soak) echo "Soak" ;;
    size) echo "Size" ;;
    start) echo "Start" ;;
    cold) echo "Build from nothing" ;;
    fuzz) echo "Fuzzing" ;;
    peers) echo "Beside other proxies" ;;
    regtests) echo "HAProxy's own suite" ;;
    esac
}

tests() {
    log tests cargo test --no-fail-fast
    table
    row "all tests" "$(awk '/^test result:/ { p += $4; f += $6; i += $8 } END { printf "%d passed, %d failed, %d ignored", p, f, i }' "$scratch/tests")" "cargo test"
    sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$scratch/tests" | sort -u | while read -r name; do
        row "failed" "$name" "cargo test $name"
    done
}

language() {
    release
    local status
    table
    for status in works no-effect not-yet; do
        row "words: $status" "$($tidegate keywords --status $status | wc -l)" "tidegate keywords --status $status"
    done
    row "findings with a page" "$(grep -c '^### TG' docs/DIAGNOSTICS.md)" "grep -c '^### TG' docs/DIAGNOSTICS.md"
    row "of these, lints" "$(grep -c '^### TG08' docs/DIAGNOSTICS.md)" "grep -c '^### TG08' docs/DIAGNOSTICS.md"
}

# The numbers that names of tests cite: `item_104_105`, `items_48_49_and_55`, `items_1_to_9`.
cited() {
    grep -rhoE '(fn |mod |^ +)items?_[0-9]+(_(to|and)|_[0-9]+)*' tests src | awk '{
        n = split($NF, word, "_"); from = 0; range = 0
        for (i = 2; i <= n; i++) {
            if (word[i] == "to") range = 1
            else if (word[i] ~ /^[0-9]+$/) {
                for (k = range ? from + 1 : word[i]; k <= word[i]; k++) print k
                from = word[i] + 0; range = 0
            }
        }
    }' | sort -nu
}

acceptance() {
    local list=cited
    cited >"$scratch/$list"
    table
    row "items that tests cite by number, of $items" "$(awk -v most=$items '$1 <= most' "$scratch/$list" | wc -l)" "cargo test item"
    row "items that none cites" "$(seq $items | grep -vxFf "$scratch/$list" | awk '
        { if (from && $1 == to + 1) to = $1; else { out(); from = to = $1 } }
        function out() { if (from) printf "%s%s", sep, from == to ? from : from "–" to; if (from) sep = ", " }
        END { out() }')" "tests/scoreboard.sh acceptance"
}

seeds() {
    local command="cargo test --test scenarios -- protect::seeds protect::lives --nocapture"
    log seeds $command
    printf '`%s`, `TIDEGATE_SEED_SECONDS=%s TIDEGATE_LIVES=%s`:\n\n```text\n' \
        "$command" "${TIDEGATE_SEED_SECONDS:-4}" "${TIDEGATE_LIVES:-10000}"
    grep -E '; the seed |^[0-9]+ lives ' "$scratch/seeds" | sort || echo failed
    printf '```\n'
}

# Criterion writes a name, on a line of its own if it is long, and the least, the likely and the most time.
decisions() {
    log decisions cargo bench --bench protect
    table
    awk '/^[a-z_]+\// { name = $1 } / time: / { sub(/.*\[/, ""); print name ": " $3 " " $4 }' "$scratch/decisions" |
        while IFS=: read -r what figure; do row "$what (at most 100 ns where the key is known)" "${figure# }" "cargo bench --bench protect"; done
    row "a key of a rate limit, of a million (120 bytes)" "$(sed -n 's/^rate_limit: \([0-9]* bytes\).*/\1/p' "$scratch/decisions")" "cargo bench --bench protect"
}

parity() {
    log parity cargo test --test parity -- --nocapture
    table
    row "cases" "$(sed -n 's/^parity: //p' "$scratch/parity")" "cargo test --test parity -- --nocapture"
}

corpus() {
    table
    if [[ -n ${TIDEGATE_CORPUS:-} ]]; then
        log corpus tests/corpus.sh "$TIDEGATE_CORPUS"
        row "verdicts like HAProxy's" "$(grep -E '^[0-9]+ files, ' "$scratch/corpus")" "tests/corpus.sh DIR"
    else
        row "verdicts like HAProxy's" "not measured: TIDEGATE_CORPUS is not set" "tests/corpus.sh DIR"
    fi
}

memory() {
    local what figure
    log figures cargo test --test scenarios abuse_ -- --nocapture
    table
    grep -oE 'figure: .*' "$scratch/figures" | sed 's/^figure: //' | sort | while IFS=: read -r what figure; do
        row "$what" "$figure" "cargo test --test scenarios abuse_ -- --nocapture"
    done
    log steady cargo test --test steady -- --nocapture
    grep -oE '[0-9]+ connections: .*' "$scratch/steady" | while read -r figure; do
        row "idle connections" "$figure" "cargo test --test steady -- --nocapture"
    done
}

soak() {
    log soak cargo test --test soak -- --nocapture
    table
    row "soak" "$(grep -oE '^[0-9]+ s: .*' "$scratch/soak" || echo failed)" "cargo test --test soak -- --nocapture"
}

size() {
    release
    cp $tidegate "$scratch/stripped" && strip "$scratch/stripped"
    table
    row "release binary, stripped (at most 25 MB)" "$(du -k "$scratch/stripped" | cut -f1) kB" "strip target/release/tidegate"
    row "dependencies, those of dependencies included" "$(cargo tree --locked -e normal --prefix none | awk '{ print $1 }' | sort -u | wc -l)" "cargo tree -e normal --prefix none"
}

# A configuration of a thousand lines: from the start of the process to the first answer, seven times.
start() {
    release
    local socket=$scratch/front.sock n pid began
    {
        printf 'defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n'
        printf 'frontend web\n    bind %s\n    http-request return status 204\n' "$socket"
        for n in $(seq 330); do printf 'backend b%d\n    balance roundrobin\n    server s 127.0.0.1:%d\n' "$n" $((20000 + n)); done
    } >"$scratch/large.cfg"
    for n in $(seq 7); do
        rm -f "$socket"
        began=$(date +%s%N)
        $tidegate -db -f "$scratch/large.cfg" 2>/dev/null &
        pid=$!
        until curl -sf --unix-socket "$socket" http://a/ 2>/dev/null; do :; done
        echo $((($(date +%s%N) - began) / 1000000)) >>"$scratch/times"
        sed -n 's/^VmRSS:\s*//p' "/proc/$pid/status" >"$scratch/rss"
        kill $pid
        wait $pid 2>/dev/null || true
    done
    table
    row "1,000 lines, start to first byte served, curl's own start included, median of 7 (at most 50 ms)" "$(sort -n "$scratch/times" | sed -n 4p) ms" "tests/scoreboard.sh start"
    row "resident memory then (at most 15 MB)" "$(cat "$scratch/rss")" "grep VmRSS /proc/PID/status"
}

cold() {
    local began
    began=$(date +%s)
    CARGO_TARGET_DIR=$scratch/cold cargo build --release --locked 2>/dev/null
    table
    row "cold release build (at most 6 minutes on 2 cores)" "$(($(date +%s) - began)) s" "cargo build --release"
}

fuzz() {
    printf 'A finding ends it. `fuzz/smoke.sh %s`:\n\n```text\ntarget executions seconds edges MB\n' "${FUZZ_SECONDS:-10}"
    fuzz/smoke.sh "${FUZZ_SECONDS:-10}" 2>/dev/null || true
    printf '```\n'
}

peers() {
    printf '`cargo bench --bench peers -- --rounds 4 --seconds 3`:\n\n```text\n'
    if command -v wrk >/dev/null; then
        cargo bench --bench peers -- --rounds 4 --seconds 3 2>/dev/null || echo "failed"
    else
        echo "not measured: wrk is not installed"
    fi
    printf '```\n'
}

regtests() {
    if [[ -n ${TIDEGATE_REGTESTS:-} && -n ${VTEST_PROGRAM:-} ]]; then
        release
        tests/regtests.sh run "$TIDEGATE_REGTESTS" >&2
    fi
    printf '`tests/regtests.sh table`, of the last run:\n\n'
    tests/regtests.sh table
    printf '\nThose that do not pass (`tests/regtests.sh failing`; [REGTESTS.md](REGTESTS.md) says more):\n\n'
    tests/regtests.sh failing
}

# The part as it stands on the board.
last() { [[ ! -e $board ]] || sed -n "/^<!-- $1 -->\$/,/^<!-- end -->\$/p" "$board"; }

measure() {
    printf '<!-- %s -->\n## %s\n\n' "$1" "$(title "$1")"
    "$1"
    printf '\n<sub>%s, `%s`</sub>\n<!-- end -->\n' "$(date -u +%F)" "$(git rev-parse --short HEAD)"
}

wanted=("$@")
[[ ${#wanted[@]} -gt 0 ]] || wanted=("${parts[@]}")
for part in "${wanted[@]}"; do
    [[ " ${parts[*]} " == *" $part "* ]] || { printf 'no part %s; there are: %s\n' "$part" "${parts[*]}" >&2 && exit 2; }
    printf '== %s\n' "$part" >&2
    measure "$part" >"$scratch/part.$part"
done
{
    cat <<EOF
# Scoreboard

Written by \`tests/scoreboard.sh\`, part by part, with $(rustc -V | cut -d' ' -f1,2) on $(nproc) cores of
$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1). A figure of another machine differs; a claim must not.
EOF
    for part in "${parts[@]}"; do
        if [[ -e $scratch/part.$part ]]; then
            printf '\n' && cat "$scratch/part.$part"
        elif [[ -n $(last "$part") ]]; then
            printf '\n' && last "$part"
        fi
    done
} >"$scratch/board"
mv "$scratch/board" $board
echo "$board" >&2
