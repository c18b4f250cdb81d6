# thor reproduce: what it refuses, and that a table comes out the same whatever kills it and however many work on it.
set -u
thor=${THOR:-./thor}
source_folder=${srcdir:-.}
scratch=$(mktemp -d ./scratch-reproduce-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
OMP_WAIT_POLICY=passive
export OMP_WAIT_POLICY

. "$source_folder/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
for language in de en fr; do head -n 12 "$scratch/corpus/val.$language" > "$scratch/corpus/test.$language"; done
data=$scratch/data
"$thor" prepare "$scratch/corpus" -o "$data" --vocab-size 120 -q > /dev/null 2> "$scratch/err" ||
    { echo "thor prepare failed:"; cat "$scratch/err"; exit 1; }

complain() { echo "$*"; echo "again: THOR=$thor srcdir=$source_folder sh tests/cli/reproduce.sh"; failed=1; }

# expect CODE PATTERN OPTION …: the exit code, and one line of standard error like the pattern.
expect() {
    code=$1 pattern=$2
    shift 2
    got=0
    "$thor" reproduce -q "$@" > "$scratch/out" 2> "$scratch/err" || got=$?
    if [ $got != "$code" ] || ! grep -qE -- "$pattern" "$scratch/err" || [ "$(wc -l < "$scratch/err")" != 1 ]; then
        complain "thor reproduce $*: exit $got (expected $code), expected one line '$pattern', got: $(cat "$scratch/err")"
    fi
}

# become OUT OPTION …: two systems and a seed, in half a second each; the shell becomes the program, so that in the
# background a signal for it reaches the program and nothing goes on behind it.
become() {
    out=$1
    shift
    exec "$thor" reproduce -q A 7 --data "$data" -o "$out" --scale tiny --set batch.max_tokens=128 --updates 60 \
        --recipes thor-topp,thor-top2 --beam 2 -j 1 "$@"
}

make() { (become "$@"); }

# same OUT: its report.json is that of the undisturbed run, but for what was measured.
same() {
    python3 - "$scratch/whole/report.json" "$1/report.json" << 'END' || complain "$2: another report.json"
import json, sys
reports = [json.load(open(name)) for name in sys.argv[1:]]
assert all(report.pop("measured", None) is not None for report in reports)
sys.exit(reports[0] != reports[1])
END
}

# ---- refused ----
x=$scratch/refused
expect 2 '^thor reproduce: --data is missing' -o "$x"
expect 2 '^thor reproduce: -o is missing' --data "$data"
expect 2 "table '3' is unknown in the multilingual setup; there are 2, 4, 5" 3 --data "$data" -o "$x"
expect 2 "table '2' is unknown in the multidomain setup" 2 multidomain --data "$data" -o "$x"
expect 2 'the multidomain setup needs data with domains' --setup multidomain --scale tiny --data "$data" -o "$x"
expect 2 '--setup=many: expected multilingual or multidomain' --setup many --data "$data" -o "$x"
expect 2 "--seeds=1,x: expected whole numbers" --seeds 1,x --data "$data" -o "$x"
expect 2 "--seeds: 2 appears twice" --seeds 2,3,2 --data "$data" -o "$x"
expect 2 "recipe 'luck' is in none of the tables" --recipes luck --data "$data" -o "$x"
expect 2 '--job=3/2: expected I/N' --job 3/2 --data "$data" -o "$x"
expect 2 "there is no key 'model.widht'" --set model.widht=4 --data "$data" -o "$x"
expect 1 "$scratch/nothing" --scale tiny --data "$scratch/nothing" -o "$x"
[ ! -e "$x" ] || complain "something that was refused left $x"

# ---- a list ----
make "$x" --list > "$scratch/list" || complain "--list failed"
[ "$(grep -c 'seed 1 .*MiB .*GFLOP ' "$scratch/list")" = 2 ] || complain "--list has not two jobs: $(cat "$scratch/list")"
[ ! -e "$x" ] || complain "--list left $x"

# ---- alone ----
make "$scratch/whole" > "$scratch/out" 2> "$scratch/err" || complain "thor reproduce failed: $(cat "$scratch/err")"
for form in txt md html json; do
    [ -s "$scratch/whole/report.$form" ] || complain "report.$form is missing"
done
job=$scratch/whole/thor-topp/seed-1
for file in done scores.json routing.json cost.json test/de-en.hyp test/fr-en.ref run/best/config.json; do
    [ -s "$job/$file" ] || complain "$job/$file is missing"
done
bleu=$("$thor" score "$job/test/en-de.ref" -l en-de < "$job/test/en-de.hyp" 2> /dev/null | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
[ -n "$bleu" ] || complain "thor score cannot read the translations of a job"
expect 2 "begun with another 'beam': 2 there, 3 now" A 7 --data "$data" -o "$scratch/whole" --scale tiny \
    --set batch.max_tokens=128 --updates 60 --recipes thor-topp,thor-top2 --beam 3
expect 2 'already has 60 updates, 30 are asked for' A 7 --data "$data" -o "$scratch/whole" --scale tiny \
    --set batch.max_tokens=128 --updates 30 --recipes thor-topp,thor-top2 --beam 2

# ---- killed at several moments, and gone on with ----
for moment in 0.05 0.15 0.3 0.2 0.4 0.1; do
    become "$scratch/killed" > /dev/null 2>&1 &
    process=$!
    sleep $moment
    kill -9 $process 2> /dev/null
    wait $process 2> /dev/null
done
make "$scratch/killed" > /dev/null 2> "$scratch/err" || complain "after kills: $(cat "$scratch/err")"
same "$scratch/killed" "killed six times"

# ---- more updates ----
"$thor" reproduce -q A 7 --data "$data" -o "$scratch/killed" --scale tiny --set batch.max_tokens=128 --updates 70 \
    --recipes thor-topp,thor-top2 --beam 2 -j 1 > /dev/null 2> "$scratch/err" || complain "more updates: $(cat "$scratch/err")"
[ "$(cat "$scratch/killed/thor-topp/seed-1/done")" = 70 ] || complain "more updates were not made"

echo 80 > "$scratch/killed/thor-topp/seed-1/done"
"$thor" reproduce -q A 7 --data "$data" -o "$scratch/killed" --scale tiny --set batch.max_tokens=128 --updates 70 \
    --recipes thor-topp,thor-top2 --beam 2 -j 1 > /dev/null 2> "$scratch/err" || complain "a job ahead: $(cat "$scratch/err")"
[ "$(cat "$scratch/killed/thor-topp/seed-1/done")" = 80 ] || complain "a job that another process took further is set back"

# ---- two processes, and shares ----
make "$scratch/shared" > /dev/null 2> "$scratch/err2" &
other=$!
make "$scratch/shared" > /dev/null 2> "$scratch/err" || complain "one of two: $(cat "$scratch/err")"
wait $other || complain "the other of two: $(cat "$scratch/err2")"
same "$scratch/shared" "two processes"
make "$scratch/share" --job 2/2 > /dev/null 2> "$scratch/err" || complain "--job 2/2: $(cat "$scratch/err")"
[ ! -e "$scratch/share/report.json" ] || complain "--job wrote a report"
[ "$(find "$scratch/share" -name done | wc -l)" = 1 ] || complain "--job 2/2 of two jobs did not do one"

# ---- stopped by a signal ----
become "$scratch/stopped" > /dev/null 2>&1 &
process=$!
sleep 0.3
kill -TERM $process 2> /dev/null
wait $process
case $? in 0 | 143) ;; *) complain "SIGTERM: exit $?" ;; esac

# ---- a damaged job ----
echo '{' > "$job/scores.json"
code=0
make "$scratch/whole" --report > /dev/null 2> "$scratch/err" || code=$?
[ $code = 1 ] && grep -q 'scores.json' "$scratch/err" || complain "a damaged scores.json: exit $code, $(cat "$scratch/err")"
rm "$job/done"
make "$scratch/whole" > /dev/null 2> "$scratch/err" || complain "a damaged job is not mended by removing 'done': $(cat "$scratch/err")"
mkdir "$scratch/mended"
mv "$scratch/whole/report.json" "$scratch/mended/report.json"
cp "$scratch/shared/report.json" "$scratch/whole/report.json"
same "$scratch/mended" "mended"

exit $failed
