# One habit everywhere: what an option's letter means, read from the option tables of all commands.
set -u
thor=${THOR:-./thor}
failed=0
complain() {
    echo "thor $command: $1"
    echo "again: THOR=$thor sh tests/style/options.sh"
    failed=1
}

# has LETTER NAME: where the command has --NAME it is -LETTER too, and -LETTER is nothing else.
has() {
    if printf '%s\n' "$options" | grep -qE "^ +(-., )?--$2( |\$)"; then
        printf '%s\n' "$options" | grep -qE "^ +-$1, --$2( |\$)" || complain "--$2 has no letter -$1"
    fi
    other=$(printf '%s\n' "$options" | sed -n "s/^  *-$1, --\\([a-z0-9-]*\\).*/\\1/p" | grep -vx "$2")
    case $command:$1:$other in
    *::* | *:*:) ;;
    score:m:metrics) ;;     # as in sacreBLEU; it has no model
    *) complain "-$1 is --$other; elsewhere it is --$2" ;;
    esac
}

commands=$("$thor" help | sed -n '/^Commands:/,$s/^  \([a-z]*\( [a-z]\{1,\}\)\{0,1\}\)  .*/\1/p' | grep -vx help)
[ -n "$commands" ] || { echo "thor help lists no commands"; exit 1; }
while IFS= read -r command; do
    # shellcheck disable=SC2086 # a command may be two words
    options=$("$thor" $command --help | sed -n 's/^\( *\(-[a-zA-Z], \)\{0,1\}--[a-z0-9-]*\).*/\1/p')
    has j threads
    has q quiet
    has o output
    has m model
    has h help
    has i input
    printf '%s\n' "$options" | grep -q -- '--verbose' && complain "--verbose; messages are the habit, -q silences them"
done << END
$commands
END
exit $failed
