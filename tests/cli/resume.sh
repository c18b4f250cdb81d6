# A training that is stopped, killed or short of disk goes on to the same bits; threads and instruction sets change nothing.
set -u
thor=${THOR:-./thor}
source_folder=${srcdir:-.}
scratch=$(mktemp -d ./scratch-resume-XXXXXX)
child=
trap '[ -z "$child" ] || kill -9 $child 2> /dev/null; rm -rf "$scratch"' EXIT
failed=0
# Threads that wait actively starve each other where tests run side by side.
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

. "$source_folder/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
"$thor" prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    { echo "thor prepare failed:"; cat "$scratch/err"; exit 1; }

complain() { echo "$*"; echo "again: THOR=$thor srcdir=$source_folder sh tests/cli/resume.sh"; failed=1; }
sum() { cat "$scratch/$1/last/weights.safetensors" "$scratch/$1/last/optimizer.safetensors" | cksum; }

# train RUN OPTION …; start does the same in place of the shell, so that signals reach it.
train() { (start "$@"); }
start() {
    run=$1
    shift
    exec "$thor" train --recipe thor-topp --scale tiny --set batch.max_pieces=60 --set batch.max_tokens=150 \
        --data "$scratch/data" -o "$scratch/$run" --validate-every 10 -q "$@"
}

train whole -j 1 --updates 24 || complain "the whole run failed"
expected=$(sum whole)

# ---- stopped at three places ----
for updates in 5 10 17 24; do
    train parts -j 1 --resume --updates $updates || complain "the part up to update $updates failed"
done
[ "$(sum parts)" = "$expected" ] || complain "stopped at 5, 10 and 17: other bits"
steps=$(grep -c '"tokens_per_second"' "$scratch/parts/metrics.jsonl")
[ "$steps" = 24 ] || complain "metrics.jsonl has $steps updates, expected 24"

# ---- threads and instruction sets ----
for threads in 2 3; do
    train "threads$threads" -j $threads --updates 24 || complain "$threads threads failed"
    [ "$(sum "threads$threads")" = "$expected" ] || complain "$threads threads: other bits"
done
train scalar -j 1 --isa scalar --updates 24 || complain "scalar failed"
[ "$(sum scalar)" = "$expected" ] || complain "scalar: other bits"

# ---- validations belong to update numbers: best and the list of validations do not depend on stops ----
validations() { grep '"validation":true' "$scratch/$1/metrics.jsonl" | sed 's/,"validation_seconds.*//'; }
end() {
    run=$1
    shift
    train "$run" -j 1 --set schedule.updates=24 --set optimizer.lr=0.05 --set schedule.warmup=4 --save-every 8 --keep 2 --resume "$@"
}
end undisturbed || complain "a run to schedule.updates failed"
for updates in 3 10 11 19 24; do
    end disturbed --updates $updates || complain "the part up to update $updates failed"
done
validations undisturbed > "$scratch/expected"
validations disturbed > "$scratch/got"
[ "$(wc -l < "$scratch/expected")" = 3 ] || complain "10, 20 and 24: $(cat "$scratch/expected")"
cmp "$scratch/expected" "$scratch/got" || complain "stops moved the validations: $(cat "$scratch/got")"
cmp "$scratch/undisturbed/best/weights.safetensors" "$scratch/disturbed/best/weights.safetensors" ||
    complain "stops changed what is best"

# ---- the best by chrF: what thor translate and thor score find, wherever the run stopped ----
chosen() {
    run=$1
    shift
    train "$run" -j 1 --directions en-de --set schedule.updates=40 --set optimizer.lr=0.01 --set schedule.warmup=4 \
        --best-by chrf --best-beam 2 --resume "$@"
}
chosen by-chrf || complain 'a run with --best-by=chrf failed'
for updates in 7 30 35 40; do
    chosen by-chrf-parts --updates $updates || complain "--best-by: the part up to update $updates failed"
done
validations by-chrf > "$scratch/expected"
validations by-chrf-parts > "$scratch/got"
cmp "$scratch/expected" "$scratch/got" || complain "stops changed --best-by: $(cat "$scratch/got")"
cmp "$scratch/by-chrf/best/weights.safetensors" "$scratch/by-chrf-parts/best/weights.safetensors" ||
    complain 'stops changed what is best by chrF'
"$thor" translate -q -m "$scratch/by-chrf" --from en --to de --beam 2 -i "$scratch/corpus/val.en" -o "$scratch/val.de" ||
    complain 'the validation set was not translated'
score=$("$thor" score -m chrf -b -w 3 --force "$scratch/corpus/val.de" -i "$scratch/val.de")
best=$(sed -n 's/^ *"best_score": \([0-9.]*\),/\1/p' "$scratch/by-chrf/best/state.json")
[ "$(printf '%.3f' "${score:-0}")" = "$(printf '%.3f' "${best:-1}")" ] || complain "best chrF $best, but thor score finds $score"
chosen by-chrf --best-by bleu 2> "$scratch/err" && complain '--best-by changed, and was not refused'
grep -q 'was chosen by chrf' "$scratch/err" || complain "--best-by changed: $(cat "$scratch/err")"

# ---- the checkpoints that are kept: those of --save-every and the end, the newest ----
for run in undisturbed disturbed; do
    kept=$(cd "$scratch/$run" && echo step-*)
    [ "$kept" = 'step-000016 step-000024' ] || complain "$run: kept $kept"
done
cmp "$scratch/undisturbed/step-000016/weights.safetensors" "$scratch/disturbed/step-000016/weights.safetensors" ||
    complain "stops changed a checkpoint that is kept"
cmp "$scratch/undisturbed/step-000024/weights.safetensors" "$scratch/undisturbed/last/weights.safetensors" ||
    complain "the last step is not the last"
[ ! -e "$scratch/undisturbed/step-000016/optimizer.safetensors" ] || complain 'a kept checkpoint has moments'

# ---- patience: a learning rate that ruins the model ends the run, and a resumed one knows ----
ruined() {
    train "$@" -j 1 --set schedule.updates=200 --set optimizer.lr=1 --set schedule.warmup=1 --patience 2 --resume \
        --validate-every 3
}
ruined hasty || complain 'a run without patience left failed'
last=$(sed -n 's/^ *"updates": \([0-9]*\),/\1/p' "$scratch/hasty/last/state.json")
best=$(sed -n 's/^ *"best_updates": \([0-9]*\),/\1/p' "$scratch/hasty/last/state.json")
[ "$last" = $((best + 6)) ] && [ "$last" -lt 200 ] || complain "best at $best, but ended at $last, not two validations later"
for updates in 4 9 200 200; do
    ruined calm --updates $updates || complain "without patience left: the part up to $updates failed"
done
[ "$(sum hasty)" = "$(sum calm)" ] || complain 'patience depends on stops'

# ---- killed, wherever that hits, until it is through ----
tries=0
while :; do
    start killed -j 1 --resume --save-every 1 --updates 24 &
    child=$!
    sleep "0.$((1 + tries % 5))"
    kill -9 $child 2> "$scratch/kill" || true
    wait $child 2> "$scratch/kill" && break
    [ ! -d "$scratch/killed/last" ] || [ -f "$scratch/killed/last/state.json" ] || complain "a kill left half a checkpoint"
    tries=$((tries + 1))
    [ $tries -lt 12 ] || { train killed -j 1 --resume --updates 24; break; }
done
[ "$(sum killed)" = "$expected" ] || complain "killed $tries times: other bits"
left=$(ls "$scratch/killed" | grep -c 'part-\|old-')
[ "$left" = 0 ] || complain "killed runs left $left folders behind"

# ---- several begin in one new folder: one of them trains, the others say so and leave its run alone ----
for starter in 1 2 3; do
    { train begun -j 1 --updates 24 2> "$scratch/begun$starter"; echo $? > "$scratch/code$starter"; } &
done
wait
codes=$(cat "$scratch/code1" "$scratch/code2" "$scratch/code3" | sort | tr -d '\n')
case $codes in 011 | 012 | 022) ;; *) complain "three at once: exit codes $codes, expected one 0" ;; esac
for starter in 1 2 3; do
    [ "$(cat "$scratch/code$starter")" = 0 ] ||
        grep -q 'another process \(is training\|began a run\)\|already holds a run' "$scratch/begun$starter" ||
        complain "one of three at once: $(cat "$scratch/begun$starter")"
done
[ "$(sum begun)" = "$expected" ] || complain "three at once: other bits"
[ "$(grep -c '"tokens_per_second"' "$scratch/begun/metrics.jsonl")" = 24 ] || complain "three at once: other metrics"

# ---- a signal saves ----
# begin RUN OPTION …: a training without an end, in the background, as $child; waits for its first update.
begin() {
    begun=$1
    start "$@" -j 1 --updates 100000 --set schedule.updates=100000 --validate-every 0 &
    child=$!
    tries=0
    until grep -q tokens_per_second "$scratch/$begun/metrics.jsonl" 2> "$scratch/err" || [ $tries = 100 ]; do
        sleep 0.2
        tries=$((tries + 1))
    done
}

begin stopped
train stopped -j 1 --resume 2> "$scratch/err"
code=$?
[ $code = 1 ] && grep -q 'another process is training there' "$scratch/err" || complain "two in one folder: exit $code, $(cat "$scratch/err")"
kill -TERM $child
wait $child
code=$?
[ $code = 143 ] || complain "SIGTERM: exit $code, expected 143"
[ -f "$scratch/stopped/last/state.json" ] || complain "SIGTERM: nothing was saved"

signals='USR1 USR2 HUP'
code=$(sh -c 'kill -HUP $$; exit 7' 2> "$scratch/err"; echo $?) 2> "$scratch/err"
[ "$code" != 7 ] || signals='USR1 USR2'      # started with SIGHUP ignored
for signal in $signals; do
    begin "stopped$signal"
    kill -s $signal $child
    wait $child
    code=$?
    [ $code -gt 128 ] && [ "$(kill -l $code)" = $signal ] || complain "SIG$signal: exit $code, expected 128 and its number"
    [ -f "$scratch/stopped$signal/last/state.json" ] || complain "SIG$signal: nothing was saved"
done

# nohup: it goes on.
trap '' HUP
begin ignoring
kill -HUP $child
sleep 1
kill -TERM $child
wait $child
code=$?
child=
trap - HUP
[ $code = 143 ] || complain "SIGHUP, ignored: exit $code after a SIGTERM, expected 143"

# ---- a full disk: files may not grow beyond 100 blocks ----
before=$(sum parts)
(
    trap '' XFSZ
    ulimit -f 100
    train parts -j 1 --resume --updates 26 2> "$scratch/full"
)
code=$?
[ $code = 1 ] || complain "full disk: exit $code, expected 1: $(cat "$scratch/full")"
[ "$(wc -l < "$scratch/full")" = 1 ] || complain "full disk: expected one line, got: $(cat "$scratch/full")"
grep -q 'File too large.*make room' "$scratch/full" || complain "full disk: $(cat "$scratch/full")"
[ "$(sum parts)" = "$before" ] || complain "full disk: the checkpoint before it is gone"

exit $failed
