#!/usr/bin/env bash
# usage: tests/scoreboard.sh [FUZZ_SECONDS_PER_TARGET]
#
# Measures what the project claims and writes docs/SCOREBOARD.md; each figure stands beside the command
# it came from. What needs something from outside is measured when these name it:
#   TIDEGATE_CORPUS   a directory of configurations with a VERDICTS.tsv (tests/corpus.sh)
#   TIDEGATE_REGTESTS a checkout of HAProxy 3.4, with VTEST_PROGRAM (docs/REGTESTS.md)
#   TIDEGATE_COLD     anything: also builds from nothing, in a directory of its own
set -euo pipefail
cd "$(dirname "$0")/.."

fuzz_seconds=${1:-10}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
out=$scratch/scoreboard.md
tidegate=target/release/tidegate

row() { printf '| %s | %s | `%s` |\n' "$1" "$2" "$3" >>"$out"; }
# Standard output of a command that may fail, also kept for a second look.
log() { "${@:2}" >"$scratch/$1" 2>&1 || true; }
say() { printf '== %s\n' "$*" >&2; }
head3() { printf '\n## %s\n\n| what | figure | command |\n|---|---|---|\n' "$1" >>"$out"; }

say "release build"
cargo build --release --locked 2>&1 | tail -n 1 >&2
cat >"$out" <<EOF
# Scoreboard

Written by \`tests/scoreboard.sh\` on $(date -u +%F), of commit \`$(git rev-parse --short HEAD)\`, with $(rustc -V | cut -d' ' -f1,2), on
$(nproc) cores of $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1). A figure of another machine differs; a claim must not.
EOF

say "tests"
head3 "Tests"
log tests cargo test --no-fail-fast
totals=$(awk '/^test result:/ { p += $4; f += $6; i += $8 } END { printf "%d passed, %d failed, %d ignored", p, f, i }' "$scratch/tests")
row "all tests" "$totals" "cargo test"
sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$scratch/tests" | sort -u | while read -r name; do
    row "failed" "$name" "cargo test $name"
done
log parity cargo test --test parity -- --nocapture
row "parity with HAProxy" "$(sed -n 's/^parity: //p' "$scratch/parity")" "cargo test --test parity -- --nocapture"
items=$(grep -rhoE 'fn items?(_[0-9]+(_to|_and)?)+' tests src | grep -oE '[0-9]+' | sort -nu | wc -l)
row "acceptance items with a test of their number" "$items" "cargo test item"
if [[ -n ${TIDEGATE_CORPUS:-} ]]; then
    log corpus tests/corpus.sh "$TIDEGATE_CORPUS"
    row "verdicts like HAProxy's" "$(grep -E '^[0-9]+ files, ' "$scratch/corpus")" "tests/corpus.sh DIR"
else
    row "verdicts like HAProxy's" "not measured: TIDEGATE_CORPUS is not set" "tests/corpus.sh DIR"
fi

say "language"
head3 "Language"
for status in works no-effect not-yet; do
    row "words: $status" "$($tidegate keywords --status $status | wc -l)" "tidegate keywords --status $status"
done
row "findings with a page" "$(grep -c '^### TG' docs/DIAGNOSTICS.md)" "grep -c '^### TG' docs/DIAGNOSTICS.md"
row "of these, lints" "$(grep -c '^### TG08' docs/DIAGNOSTICS.md)" "grep -c '^### TG08' docs/DIAGNOSTICS.md"

say "memory, abuse, soak"
head3 "Memory and abuse"
log figures cargo test --test scenarios abuse_ -- --nocapture
grep -oE 'figure: .*' "$scratch/figures" | sed 's/^figure: //' | sort | while IFS=: read -r what figure; do
    row "$what" "$figure" "cargo test --test scenarios abuse_ -- --nocapture"
done
log steady cargo test --test steady -- --nocapture
grep -oE '[0-9]+ connections: .*' "$scratch/steady" | while read -r figure; do
    row "idle connections" "$figure" "cargo test --test steady -- --nocapture"
done
log soak cargo test --test soak -- --nocapture
row "soak" "$(grep -oE '^[0-9]+ s: .*' "$scratch/soak" || echo failed)" "cargo test --test soak -- --nocapture"

say "size and start"
head3 "Size and start"
cp $tidegate "$scratch/stripped" && strip "$scratch/stripped"
row "release binary, stripped (at most 25 MB)" "$(du -k "$scratch/stripped" | cut -f1) kB" "strip target/release/tidegate"
socket=$scratch/front.sock
{
    printf 'defaults\n    mode http\n    timeout connect 5s\n    timeout client 5s\n    timeout server 5s\n'
    printf 'frontend web\n    bind %s\n    http-request return status 204\n' "$socket"
    for n in $(seq 330); do printf 'backend b%d\n    balance roundrobin\n    server s 127.0.0.1:%d\n' "$n" $((20000 + n)); done
} >"$scratch/large.cfg"
began=$(date +%s%N)
$tidegate -D -f "$scratch/large.cfg" -p "$scratch/pid"
started=$((($(date +%s%N) - began) / 1000000))
curl -s --unix-socket "$socket" http://a/ && served=$((($(date +%s%N) - began) / 1000000))
row "1,000 lines: serving, with curl's own start until its answer (at most 50 ms)" "$started ms, ${served:-no answer} ms" "tidegate -D -f 1000-lines.cfg"
row "resident memory then (at most 15 MB)" "$(sed -n 's/^VmRSS:\s*//p' "/proc/$(cat "$scratch/pid")/status")" "grep VmRSS /proc/PID/status"
kill "$(cat "$scratch/pid")"
if [[ -n ${TIDEGATE_COLD:-} ]]; then
    began=$(date +%s)
    CARGO_TARGET_DIR=$scratch/cold cargo build --release --locked 2>/dev/null
    row "cold release build (at most 6 minutes on 2 cores)" "$(($(date +%s) - began)) s" "cargo build --release"
fi

say "fuzzing"
printf '\n## Fuzzing\n\n`fuzz/smoke.sh %s`, a finding would end it:\n\n```text\ntarget executions seconds edges MB\n' "$fuzz_seconds" >>"$out"
fuzz/smoke.sh "$fuzz_seconds" >"$scratch/fuzz" 2>/dev/null || true
cat "$scratch/fuzz" >>"$out"
printf '```\n' >>"$out"

say "peers"
printf '\n## Beside other proxies\n\n`cargo bench --bench peers -- --rounds 4 --seconds 3`:\n\n```text\n' >>"$out"
if command -v wrk >/dev/null; then
    cargo bench --bench peers -- --rounds 4 --seconds 3 2>/dev/null >>"$out" || echo "failed" >>"$out"
else
    echo "not measured: wrk is not installed" >>"$out"
fi
printf '```\n' >>"$out"

printf "\n## HAProxy's regression suite\n\n" >>"$out"
if [[ -n ${TIDEGATE_REGTESTS:-} && -n ${VTEST_PROGRAM:-} ]]; then
    say "HAProxy's suite"
    printf '| directory | passed | skipped | failed |\n|---|--:|--:|---|\n' >>"$out"
    export HAPROXY_PROGRAM=$PWD/$tidegate HAPROXY_ARGS="-dM -dI -dW"
    for directory in "$TIDEGATE_REGTESTS"/reg-tests/*/; do
        passed=0 skipped=0 failed=""
        for test in "$directory"*.vtc; do
            [[ -e $test ]] || continue
            work=$(mktemp -d)
            status=0
            (cd "$TIDEGATE_REGTESTS" && TMPDIR=$work timeout 60 "$VTEST_PROGRAM" -b 2097152 -k -t 10 "$test" >/dev/null 2>&1) || status=$?
            rm -rf "$work"
            case $status in 0) passed=$((passed + 1)) ;; 77) skipped=$((skipped + 1)) ;; *) failed+="$(basename "$test" .vtc) " ;; esac
        done
        printf '| %s | %d | %d | %s |\n' "$(basename "$directory")" "$passed" "$skipped" "$failed" >>"$out"
    done
    printf '\n[REGTESTS.md](REGTESTS.md) has the reasons.\n' >>"$out"
else
    printf 'Not measured: TIDEGATE_REGTESTS and VTEST_PROGRAM are not set. [REGTESTS.md](REGTESTS.md) has the last results.\n' >>"$out"
fi

mv "$out" docs/SCOREBOARD.md
say "docs/SCOREBOARD.md"
