# Completion in bash, zsh and fish: commands, second words, options and values, as the program lists them.
set -u
thor=${THOR:-./thor}
folder=${srcdir:-.}/data/completion
scratch=$(mktemp -d ./scratch-completion-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0 tried=0 skipped=0
mkdir "$scratch/bin"
case $thor in /*) ;; *) thor=$PWD/$thor ;; esac
ln -s "$thor" "$scratch/bin/thor"
PATH=$PWD/$scratch/bin:$PATH
export PATH

# expect SHELL WORD…: its words are among those that $scratch/out lists, whatever else is.
expect() {
    shell=$1
    shift
    tried=$((tried + 1))
    for word; do
        grep -qx -e "$word" "$scratch/out" || {
            echo "$shell: '$word' is not offered; got: $(tr '\n' ' ' < "$scratch/out")"
            echo "again: THOR=$thor sh tests/cli/completion.sh"
            failed=1
        }
    done
}

# bash_offers WORD…: what bash offers for the last word.
bash_offers() {
    bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _thor; printf "%s\n" "${COMPREPLY[@]}"' \
        "$folder/bash/thor" "$@" > "$scratch/out"
}

# The list of each shell is checked against what `thor help` says here.
options=$("$thor" help train | sed -n 's/^  *\(-[a-zA-Z], \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p')
if command -v bash > /dev/null; then
    bash_offers thor ''
    expect bash train translate vocab golden score doctor help
    bash_offers thor tr
    expect bash train translate
    [ "$(wc -l < "$scratch/out")" = 2 ] || { echo "bash: more than two commands begin with tr"; failed=1; }
    bash_offers thor vocab ''
    expect bash train encode decode show
    bash_offers thor train --
    # shellcheck disable=SC2086 # one word each
    expect bash $options
    bash_offers thor golden make --ov
    expect bash --overwrite
    bash_offers thor train --recipe thor
    expect bash thor-top1 thor-top2 thor-topp
    bash_offers thor train --scale ''
    expect bash tiny small base paper
    : > "$scratch/somefile"
    bash_offers thor score "$scratch/some"
    expect bash "$scratch/somefile"
else
    skipped=$((skipped + 1))
fi
if command -v fish > /dev/null; then
    fish -c "source $folder/fish/thor.fish; complete -C 'thor train --'" | cut -f 1 > "$scratch/out"
    # shellcheck disable=SC2086
    expect fish $options
    fish -c "source $folder/fish/thor.fish; complete -C 'thor vocab '" | cut -f 1 > "$scratch/out"
    expect fish train encode decode show
    fish -c "source $folder/fish/thor.fish; complete -C 'thor '" | cut -f 1 > "$scratch/out"
    expect fish train vocab golden doctor
    fish -c "source $folder/fish/thor.fish; complete -C 'thor train --scale '" | cut -f 1 > "$scratch/out"
    expect fish tiny small base paper
    fish -c "source $folder/fish/thor.fish; complete -C 'thor train --recipe thor'" | cut -f 1 > "$scratch/out"
    expect fish thor-top1 thor-topp
    fish -c "source $folder/fish/thor.fish; complete -C 'thor golden make --o'" | cut -f 1 > "$scratch/out"
    expect fish --output --overwrite
else
    skipped=$((skipped + 1))
fi
if command -v zsh > /dev/null; then
    # compadd and _files stand for zsh's own, which work on a terminal alone.
    zsh -fc 'compadd() { shift; print -l -- "$@" }; _files() { print files }
             words=(thor train --); CURRENT=3; source "$0"' "$folder/zsh/_thor" > "$scratch/out"
    # shellcheck disable=SC2086
    expect zsh $options
    zsh -fc 'compadd() { shift; print -l -- "$@" }; _files() { print files }
             words=(thor vocab ""); CURRENT=3; source "$0"' "$folder/zsh/_thor" > "$scratch/out"
    expect zsh train encode decode show
else
    skipped=$((skipped + 1))
fi
echo "completion: $tried lists tried, $skipped shells not here"
[ $tried -gt 0 ] || exit 77
exit $failed
