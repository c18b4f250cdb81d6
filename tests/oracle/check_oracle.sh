# Golden folders of every system, checked by a model that was written from the specification alone (check.py).
# `make check-oracle`: tiny models, a minute or two; THOR_TEST_LONG=1 adds small and base ones and takes much longer.
# THOR_ORACLE_ONLY=PATTERN makes only the folders whose line in folders.sh matches.
set -u
thor=${THOR:-./thor}
here=${srcdir:-.}/tests/oracle
# shellcheck source=tests/oracle/python.sh
. "$here/python.sh"
# shellcheck source=tests/oracle/folders.sh
. "$here/folders.sh"
scratch=$(mktemp -d ./scratch-oracle-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor srcdir=${srcdir:-.} ${THOR_TEST_LONG:+THOR_TEST_LONG=1 }sh $here/check_oracle.sh"
    failed=1
}

# make_folder NAME OPTION…: $scratch/NAME.
make_folder() {
    name=$1
    shift
    "$thor" golden make "$@" --seed "$seed" -o "$scratch/$name" > "$scratch/log" 2>&1 && return 0
    fail "thor golden make $*:" "$(cat "$scratch/log")"
    return 1
}

# list FUNCTION: its lines to $scratch/list.
list() { "$1" | grep -e "${THOR_ORACLE_ONLY:-.}" > "$scratch/list"; }

# judge FOLDER…: lines for the table go to $scratch/rows.
judge() { "$python" "$here/check.py" --rows "$scratch/rows" "$@" || fail 'a folder is wrong, see above'; }

for test in self_test self_test_systems self_test_folders; do
    "$python" "$here/$test.py" || fail 'the oracle contradicts itself'
done

# ---- tiny: all folders, one run ----
seed=1
list quick_folders
made=
while read -r name options; do
    # shellcheck disable=SC2086 # options are words
    if make_folder "$name" $options; then made="$made $scratch/$name"; fi
done < "$scratch/list"
# shellcheck disable=SC2086 # names of folders are words
[ -z "$made" ] || judge $made
# shellcheck disable=SC2086
rm -rf $made

# ---- long: larger folders one by one, because a folder at base scale has a gigabyte ----
if [ -n "${THOR_TEST_LONG:-}" ]; then
    seed=2
    list long_folders
    while read -r name options; do
        # shellcheck disable=SC2086
        if make_folder "$name" $options; then judge "$scratch/$name"; fi
        rm -rf "${scratch:?}/$name"
    done < "$scratch/list"
fi

sh "$here/faults.sh" || fail 'a planted fault was not named'

# ---- the worst of each part, by scale ----
[ -s "$scratch/rows" ] || fail 'nothing was checked'
"$python" "$here/report.py" "$scratch/rows"
exit $failed
