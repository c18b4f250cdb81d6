# The program itself: help, version, names of commands, exit codes, and output that cannot be written.
set -u
thor=${THOR:-./thor}
scratch=$(mktemp -d ./scratch-program-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

# expect CODE STREAM PATTERN WORD…: runs thor with the words; STREAM (out or err) has a line like PATTERN, and the other
# stream is empty.
expect() {
    code=$1 stream=$2 pattern=$3
    shift 3
    got=0
    "$thor" "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || got=$?
    other=out
    [ "$stream" = err ] || other=err
    if [ $got != "$code" ] || ! grep -qE -- "$pattern" "$scratch/$stream" || [ -s "$scratch/$other" ]; then
        echo "thor $*: exit $got (expected $code), expected '$pattern' on $stream alone, got:"
        cat "$scratch/out" "$scratch/err"
        echo "again: $thor $*"
        failed=1
    fi
}

expect 0 out '^Usage: thor COMMAND' help
expect 0 out '^Usage: thor COMMAND' --help
expect 0 out '^Usage: thor COMMAND' -h
expect 0 out '^Usage: thor COMMAND' --help train
for word in --help -h help; do
    expect 0 out '^  vocab encode ' vocab $word
    expect 0 out '^  golden make ' golden $word
done
expect 0 out '^thor [0-9]' -V
expect 0 out '^thor [0-9]' version
expect 0 out '^Usage: thor COMMAND' -h
expect 2 err '^Usage: thor COMMAND'
expect 0 out "^thor ${THOR_VERSION:-[0-9]}" --version
expect 0 out '^threads: [1-9]' --version
expect 0 out '^instruction set: [a-z0-9]+; this machine can run: scalar' --version
THOR_ISA=scalar
export THOR_ISA
expect 0 out '^instruction set: scalar;' --version
THOR_ISA=mmx
expect 2 err '^thor: .*mmx' --version
unset THOR_ISA
expect 2 err "^thor: unknown command 'hepl'; did you mean 'help'\?$" hepl
expect 2 err "^thor: unknown command 'xyzzy'; 'thor help' lists the commands$" xyzzy
expect 2 err "^thor: unknown command 'xyzzy'" help xyzzy
expect 2 err "^thor help: 'foo' is one word too many; 'thor help train' explains" help train foo
expect 2 err "^thor help: 'foo' is one word too many; 'thor help vocab encode' explains" help vocab encode foo
expect 2 err "^thor: '--verbose' stands where a command is expected" --verbose
expect 2 err "^thor: unknown command ''" ''

# Every command explains itself and refuses an option that it has not.
"$thor" help | sed -n '/^Commands:/,$s/^  \([a-z][a-z-]*\( [a-z-]*\)\{0,1\}\)  .*/\1/p' > "$scratch/commands"
while IFS= read -r command; do
    command=$(echo "$command" | sed 's/ *$//')
    [ "$command" != help ] || continue
    # shellcheck disable=SC2086 # a command may be two words
    expect 0 out "^Usage: thor $command" $command --help
    # shellcheck disable=SC2086
    expect 0 out "^Usage: thor $command" help $command
    # shellcheck disable=SC2086
    expect 2 err "^thor $command: .*--no-such-option" $command --no-such-option
done < "$scratch/commands"

# A full disk behind standard output is a failure, not a short page.
if [ -c /dev/full ]; then
    if "$thor" help > /dev/full 2> "$scratch/err"; then
        echo "thor help > /dev/full: exit 0"
        failed=1
    elif ! grep -q '^thor: standard output: .*incomplete$' "$scratch/err"; then
        echo "thor help > /dev/full said:"
        cat "$scratch/err"
        failed=1
    fi
fi

# Closed streams: nothing that is printed may end up in a file that took a stream's number.
if "$thor" --version >&- 2> "$scratch/err"; then
    echo "thor --version >&-: exit 0"
    failed=1
fi
grep -q '^thor: standard output: .*incomplete$' "$scratch/err" || { echo "thor --version >&- said: $(cat "$scratch/err")"; failed=1; }
awk 'BEGIN { for (i = 0; i < 40; i++) print "word" i, "another" i % 7, "third" i % 3 }' > "$scratch/text"
"$thor" vocab train -o "$scratch/whole.model" -s 60 "$scratch/text" 2> "$scratch/err" || { cat "$scratch/err"; failed=1; }
"$thor" vocab train -o "$scratch/closed.model" -s 60 "$scratch/text" <&- >&- 2>&- || { echo "closed streams: exit $?"; failed=1; }
cmp "$scratch/whole.model" "$scratch/closed.model" || failed=1
"$thor" vocab show -m "$scratch/whole.model" > /dev/full 2> "$scratch/err"
[ $? = 1 ] && [ "$(wc -l < "$scratch/err")" = 1 ] || { echo "a full disk: $(cat "$scratch/err")"; failed=1; }
exit $failed
