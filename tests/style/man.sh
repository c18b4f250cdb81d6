# Every manual page is clean mdoc, every command has one, and pages and --help name the same options.
set -eu
thor=${THOR:-./thor}
pages=${srcdir:-.}/man
failed=0
complain() { printf '%s\n' "$*"; failed=1; }

# The page of "vocab train": of its own, or of the family.
page_of() {
    own=$pages/thor-$(printf %s "$1" | tr ' ' -).1
    if [ -f "$own" ]; then printf %s "$own"; else printf %s "$pages/thor-${1%% *}.1"; fi
}

commands=$("$thor" help | sed -n '/^Commands:/,$s/^  \([a-z][a-z-]*\( [a-z-]*\)\{0,1\}\)  .*/\1/p' | grep -v '^help *$') || true

# ---- the options of --help are in the page ----
printf '%s\n' "$commands" | sed 's/ *$//' > scratch-commands
while IFS= read -r command; do
    [ -n "$command" ] || continue
    page=$(page_of "$command")
    if [ ! -f "$page" ]; then
        complain "thor $command: man/thor-$(printf %s "$command" | tr ' ' -).1 is missing"
        continue
    fi
    name=$(basename "$page" .1)
    grep -qE "Xr $name 1" "$pages/thor.1" || complain "thor $command: man/thor.1 does not name $name(1)"
    # shellcheck disable=SC2086 # a command may be two words
    for option in $("$thor" $command --help | sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}--\([a-z0-9-]*\).*/\2/p'); do
        [ "$option" = help ] || tr -d '\\' < "$page" | grep -qE "Fl -(no-)?$option( |\$)" ||
            complain "thor $command: --$option is not in $page"
    done
done < scratch-commands

# ---- the options of a page are in --help of the command, or of one of the family ----
for page in "$pages"/thor-*.1; do
    [ -f "$page" ] || continue
    name=$(basename "$page" .1)
    name=$(printf %s "${name#thor-}" | tr - ' ')
    : > scratch-help
    while IFS= read -r command; do
        # shellcheck disable=SC2086
        case $command in "$name" | "$name "*) "$thor" $command --help >> scratch-help ;; esac
    done < scratch-commands
    [ -s scratch-help ] || { complain "$page: thor has no command '$name'"; continue; }
    for option in $(tr -d '\\' < "$page" | grep '^\.It Fl' | grep -oE 'Fl -[a-z0-9][a-z0-9-]*' | sed 's/Fl -//'); do
        grep -qE -- "--${option#no-}( |\$)" scratch-help || grep -qE -- "--$option( |\$)" scratch-help ||
            complain "$page: thor $name has no option --$option"
    done
done
rm -f scratch-commands scratch-help

# ---- every page is shipped, and clean ----
for page in "$pages"/*.[1-9]; do
    grep -qF "man/$(basename "$page")" "$pages/local.mk" || complain "$page: stands not in man/local.mk"
done
mandoc=${MANDOC:-$(command -v mandoc || true)}
if [ -n "$mandoc" ]; then
    for page in "$pages"/*.[1-9]; do
        said=$("$mandoc" -T lint -W warning "$page" 2>&1) || complain "$said"
    done
fi

if [ $failed != 0 ]; then
    echo "again: THOR=$thor srcdir=${srcdir:-.} sh tests/style/man.sh"
    exit 1
fi
[ -n "$mandoc" ] || { echo "mandoc is not installed: the form of the pages was not looked at"; exit 77; }
