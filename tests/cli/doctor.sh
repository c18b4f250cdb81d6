# thor doctor: a line for each thing, the facts of `thor --version`, exit codes.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-doctor-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
complain() {
    echo "thor doctor: $1; got:"
    cat "$scratch/out" "$scratch/err"
    echo "again: $thor doctor"
    failed=1
}

code=0
"$thor" doctor > "$scratch/out" 2> "$scratch/err" || code=$?
[ $code = 0 ] || complain "exit $code; expected 0"
[ -s "$scratch/err" ] && complain "nothing belongs on standard error"
for thing in arithmetic 'instruction set' threads memory '\.gz' '\.xz' '\.zst' OpenBLAS speed; do
    grep -qE "^(ok|missing|note) +$thing " "$scratch/out" || complain "no line for $thing"
done
set=$("$thor" --version | sed -n 's/^instruction set:.* //p')
grep -qE "^ok +instruction set +$set\$" "$scratch/out" || complain "--version says that $set can run"
OMP_NUM_THREADS=1 "$thor" doctor > "$scratch/out" 2> "$scratch/err"
grep -qE '^ok +threads +1, as OMP_NUM_THREADS=1 says' "$scratch/out" || complain "OMP_NUM_THREADS=1 is not named"
code=0
"$thor" doctor now > "$scratch/out" 2> "$scratch/err" || code=$?
[ $code = 2 ] || complain "a word too many: exit $code; expected 2"
if [ -w /dev/full ]; then
    code=0
    "$thor" doctor > /dev/full 2> "$scratch/err" || code=$?
    [ $code = 1 ] || complain "a full device: exit $code; expected 1"
fi
exit $failed
