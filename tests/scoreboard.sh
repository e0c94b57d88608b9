#!/usr/bin/env bash
# usage: tests/scoreboard.sh [PART…]
#
# Measures what the project claims and writes docs/SCOREBOARD.md: all of it, or only the parts named; the
# others stay as they were, each with the date and the commit it was measured at. Every figure
# stands beside the command it came from. A part that fails, or takes longer than it may, says why on the
# board, and the next one begins. The parts:
#
#   tests language acceptance seeds decisions parity corpus memory soak health operate reload queue
#   size start cold fuzz peers regtests
#
# What needs something from outside is measured when these name it:
#   TIDEGATE_CORPUS    corpus: a directory of configurations with a VERDICTS.tsv (tests/corpus.sh)
#   TIDEGATE_HAPROXY   parity, health, queue: the haproxy to compare with, instead of the one on PATH
#   TIDEGATE_REGTESTS  regtests: a checkout of HAProxy 3.4, with VTEST_PROGRAM (docs/REGTESTS.md);
#                      without it the last results are shown
#   TIDEGATE_SEED_SECONDS, TIDEGATE_LIVES
#                      seeds: the seeds' own 200 seconds, and how many requests (10000)
#   TIDEGATE_RELOADS   reload: how many (1000)
#   TIDEGATE_CHAOS_SECONDS
#                      health: how long servers are killed, hung and restarted (60)
#   FUZZ_SECONDS       fuzz: seconds of each target (10)
#   TIDEGATE_BINARY    a build to measure instead of target/release/tidegate
set -euo pipefail
cd "$(dirname "$0")/.."

board=docs/SCOREBOARD.md
parts=(tests language acceptance seeds decisions parity corpus memory soak health operate reload queue size start cold fuzz peers regtests)
# Acceptance items there are, in the list the project started from.
items=158
tidegate=$(realpath -m "${TIDEGATE_BINARY:-target/release/tidegate}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a command prints, in a file. Where it fails, its end goes to the board as well.
log() {
    local status=0
    "${@:2}" >"$scratch/$1" 2>&1 || status=$?
    [[ $status -eq 0 ]] || {
        printf '$ %s\n' "${*:2}"
        grep -E 'panicked at|^error|^test .* FAILED$' "$scratch/$1" | head -n 20 || true
        tail -n 5 "$scratch/$1"
        printf 'exit status %s\n' "$status"
    } >>"$scratch/why"
}
row() { printf '| %s | %s | `%s` |\n' "$1" "$2" "$3"; }
table() { printf '| what | figure | command |\n|---|---|---|\n'; }
release() {
    [[ -n ${TIDEGATE_BINARY:-} ]] || log release cargo build --release --locked
    [[ -x $tidegate ]]
}
# The lines of a log that hold a figure, as rows of a table.
figures() {
    local line
    grep -oE "$2" "$scratch/$1" | sort -u | while read -r line; do row "${3:-}" "${line#figure: }" "$4"; done
}
# A command whose build for tests asks the release build.
of_release() { env TIDEGATE_BINARY="$tidegate" "$@"; }

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
    health) echo "Health checks" ;;
    operate) echo "Statistics of ten thousand servers" ;;
    reload) echo "Reloads under load" ;;
    queue) echo "The queue" ;;
    size) echo "Size" ;;
    start) echo "Start" ;;
    cold) echo "Build from nothing" ;;
    fuzz) echo "Fuzzing" ;;
    peers) echo "Beside other proxies" ;;
    regtests) echo "HAProxy's own suite" ;;
    esac
}

# Minutes a part may take, the builds it needs included, with some to spare on two cores.
minutes() {
    case $1 in
    tests | regtests) echo 90 ;;
    seeds | parity | peers | decisions) echo 60 ;;
    fuzz) echo $((30 + ${FUZZ_SECONDS:-10} / 3)) ;;
    acceptance) echo 1 ;;
    *) echo 30 ;;
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
        row "words: $status" "$("$tidegate" keywords --status $status | wc -l)" "tidegate keywords --status $status"
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
    release
    log seeds of_release $command
    printf '`%s`, `TIDEGATE_SEED_SECONDS=%s TIDEGATE_LIVES=%s`:\n\n```text\n' \
        "$command" "${TIDEGATE_SEED_SECONDS:-4}" "${TIDEGATE_LIVES:-10000}"
    grep -E '; the seed |^[0-9]+ lives ' "$scratch/seeds" | sort || true
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
        row "verdicts like HAProxy's" "$(grep -E '^[0-9]+ files, ' "$scratch/corpus" || echo failed)" "tests/corpus.sh DIR"
    else
        row "verdicts like HAProxy's" "not measured: TIDEGATE_CORPUS is not set" "tests/corpus.sh DIR"
    fi
}

memory() {
    local what figure
    local command="cargo test --test scenarios abuse_ -- --nocapture"
    log figures $command
    table
    { grep -oE 'figure: .*' "$scratch/figures" || true; } | sed 's/^figure: //' | sort | while IFS=: read -r what figure; do
        row "$what" "${figure# }" "$command"
    done
    log steady cargo test --test steady -- --nocapture
    figures steady '[0-9]+ connections: .*' "idle connections" "cargo test --test steady -- --nocapture"
}

soak() {
    local command="cargo test --test soak -- --nocapture"
    release
    log soak of_release $command
    table
    figures soak '^[0-9]+ s: .*' "soak" "$command"
}

health() {
    local checks="TIDEGATE_CHECKED_SERVERS=10000 TIDEGATE_CHECK_SECONDS=20 cargo test --test scenarios thousands_of_servers_are_checked -- --nocapture"
    local chaos="TIDEGATE_CHAOS_SECONDS=${TIDEGATE_CHAOS_SECONDS:-60} cargo test --test scenarios health::chaos -- --nocapture"
    release
    log checks of_release env $checks
    log chaos of_release env $chaos
    table
    figures checks '[0-9]+ servers checked every .*' "checks (at most 15 % of a core, 5 % of the p99)" "$checks"
    figures chaos '[0-9]+ s: (tidegate|haproxy): .*' "servers that die, hang and come back" "$chaos"
}

operate() {
    local command="cargo test --test scenarios figures_of_ten_thousand_servers -- --nocapture"
    release
    log operate of_release $command
    table
    figures operate 'show stat: .*' "on the stats socket (at most 50 ms)" "$command"
    figures operate 'metrics: .*' "for Prometheus (at most 150 ms)" "$command"
    figures operate 'others wait .*' "requests meanwhile, of the one worker (at most 2 ms)" "$command"
}

reload() {
    local command="TIDEGATE_RELOADS=${TIDEGATE_RELOADS:-1000} cargo test --test scenarios nobody_notices -- --nocapture"
    release
    log reload of_release env $command
    table
    figures reload '[0-9]+ reloads, .*' "reloads of 2,000 lines (none failed, p99 within 1.2 times, memory within 5 %)" "$command"
}

queue() {
    local command="cargo test --test scenarios connections_queue -- --nocapture"
    release
    log queue of_release $command
    table
    figures queue 'figure: queued .*' "(at most 1 ms)" "$command"
}

size() {
    release
    cp "$tidegate" "$scratch/stripped"
    log strip strip "$scratch/stripped"
    table
    row "release binary, stripped (at most 25 MB)" "$(du -k "$scratch/stripped" | cut -f1) kB" "strip target/release/tidegate"
    row "dependencies, those of dependencies included" "$(cargo tree --locked -e normal --prefix none | awk '{ print $1 }' | sort -u | wc -l)" "cargo tree -e normal --prefix none"
}

# From the start of the process to the first answer: milliseconds, then kilobytes resident.
started() {
    local socket=$1 config=$2 began pid try
    rm -f "$socket"
    began=$(date +%s%N)
    "$tidegate" -db -f "$config" >"$scratch/started" 2>&1 &
    pid=$!
    for try in $(seq 500); do
        curl -sf --max-time 2 --unix-socket "$socket" http://a/ 2>/dev/null && break
        kill -0 $pid 2>/dev/null && [[ $try -lt 500 ]] || { log started-failed cat "$scratch/started" /proc/$pid/status; return 1; }
    done
    printf '%s %s\n' $((($(date +%s%N) - began) / 1000000)) "$(awk '/^VmRSS:/ { print $2 }' /proc/$pid/status)"
    kill $pid
    wait $pid 2>/dev/null || true
}

# A configuration of a thousand lines, and one of a few, seven times each.
start() {
    release
    local socket=$scratch/front.sock n
    local short=$scratch/short.cfg large=$scratch/large.cfg
    {
        printf 'defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n'
        printf 'frontend web\n    bind %s\n    http-request return status 204\n' "$socket"
    } >"$short"
    {
        cat "$short"
        for n in $(seq 331); do printf 'backend b%d\n    balance roundrobin\n    server s 127.0.0.1:%d\n' "$n" $((20000 + n)); done
    } >"$large"
    command -v curl >/dev/null || { echo "not measured: curl is not installed" && return; }
    for n in $(seq 7); do started "$socket" "$large"; done | sort -n >"$scratch/times"
    for n in $(seq 7); do started "$socket" "$short"; done | sort -n >"$scratch/short"
    table
    row "$(wc -l <"$large") lines, start to first byte served, curl's own start included, median of 7 (at most 50 ms)" \
        "$(sed -n 4p "$scratch/times" | cut -d' ' -f1) ms" "tests/scoreboard.sh start"
    row "resident memory at the start, the most of 7 (at most 15 MB)" \
        "$(cut -d' ' -f2 "$scratch/short" | sort -n | tail -n 1) kB; with $(wc -l <"$large") lines $(cut -d' ' -f2 "$scratch/times" | sort -n | tail -n 1) kB" "grep VmRSS /proc/PID/status"
}

cold() {
    local began
    began=$(date +%s)
    log cold env CARGO_TARGET_DIR="$scratch/cold" cargo build --release --locked
    table
    row "cold release build (at most 6 minutes on 2 cores)" "$(($(date +%s) - began)) s" "cargo build --release"
}

# Libfuzzer's edges are those of the whole program, of which a target can reach its part.
fuzz() {
    log fuzz fuzz/smoke.sh "${FUZZ_SECONDS:-10}"
    printf 'A finding ends it. `fuzz/smoke.sh %s`:\n\n```text\n' "${FUZZ_SECONDS:-10}"
    sed -n '/^target  *executions/,$p' "$scratch/fuzz" | grep -vE '^fuzz:' || true
    printf '```\n'
}

peers() {
    local command="cargo bench --bench peers -- --rounds 4 --seconds 3"
    command -v wrk >/dev/null || { echo "not measured: wrk is not installed" && return; }
    printf '`%s`:\n\n```text\n' "$command"
    $command 2>"$scratch/peers" || tail -n 5 "$scratch/peers"
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

failures() { [[ ! -s $scratch/why ]] || printf '\n**Failed:**\n\n```text\n%s\n```\n' "$(cat "$scratch/why")"; }

# A part in a process of its own, which ends when its time is over.
measure() {
    local status=0
    printf '<!-- %s -->\n## %s\n\n' "$1" "$(title "$1")"
    timeout -k 10 "$(minutes "$1")m" tests/scoreboard.sh --one "$1" </dev/null || status=$?
    [[ $status -eq 0 ]] || printf '\n**Not finished**: %s\n' "$([[ $status -eq 124 ]] && echo "took more than $(minutes "$1") minutes" || echo "exit status $status")"
    printf '\n<sub>%s, `%s`</sub>\n<!-- end -->\n' "$(date -u +%F)" "$(git describe --always --dirty --exclude '*')"
}

if [[ ${1:-} == --one ]]; then
    trap 'failures; rm -rf "$scratch"' EXIT
    "$2"
    exit
fi

wanted=("$@")
[[ ${#wanted[@]} -gt 0 ]] || wanted=("${parts[@]}")
for part in "${wanted[@]}"; do
    [[ " ${parts[*]} " == *" $part "* ]] || { printf 'no part %s; there are: %s\n' "$part" "${parts[*]}" >&2 && exit 2; }
done
for part in "${wanted[@]}"; do
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
