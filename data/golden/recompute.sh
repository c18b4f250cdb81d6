# Recomputes golden numbers and shows what differs; overwrites nothing.
#
#   THOR=./thor srcdir=. sh data/golden/recompute.sh [quick | all]
#
# digests.txt    DIGEST PART ARGUMENT…     of thor golden digest; PART is quick (make check) or long (make golden)
# folders.txt    NAME ARGUMENT…            of thor golden make; the folder lies beside it
set -u
thor=${THOR:-./thor}
here=${srcdir:-.}/data/golden
part=${1:-all}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
scratch=$(mktemp -d ./scratch-golden-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0 digests=0 folders=0

complain() {
    printf '%s\n' "$@"
    failed=1
}

# ---- digests: with the best instruction set, and a third of them with the scalar one ----
while read -r expected kind arguments; do
    case $expected in '' | '#'*) continue ;; esac
    [ "$part" = all ] || [ "$kind" = quick ] || continue
    digests=$((digests + 1))
    isas=auto
    [ $((digests % 3)) = 1 ] && isas='auto scalar'
    for isa in $isas; do
        # shellcheck disable=SC2086 # the arguments are words
        got=$("$thor" golden digest $arguments --isa $isa 2> "$scratch/err") || got=$(cat "$scratch/err")
        [ "$got" = "$expected" ] || complain "digest, --isa $isa: $arguments" "  expected $expected" "  got      $got"
    done
done < "$here/digests.txt"

# ---- folders: what is there holds, and it is what its arguments make ----
while read -r name arguments; do
    case $name in '' | '#'*) continue ;; esac
    folders=$((folders + 1))
    "$thor" golden check "$here/$name" > "$scratch/out" 2>&1 || complain "$(cat "$scratch/out")"
    # shellcheck disable=SC2086
    if "$thor" golden make $arguments -o "$scratch/$name" > "$scratch/out" 2>&1; then
        for file in "$here/$name"/*; do
            file=$(basename "$file")
            case $file in config.json | golden.json | SHA256SUMS) continue ;; esac      # they hold the version
            cmp -s "$here/$name/$file" "$scratch/$name/$file" || complain "$name/$file: other bytes are computed now"
        done
    else
        complain "$name: $(cat "$scratch/out")"
    fi
done < "$here/folders.txt"

[ $digests -gt 0 ] && [ $folders -gt 0 ] || complain "$here: nothing to recompute"
[ $failed = 0 ] && echo "$digests digests and $folders folders are as they were"
[ $failed = 0 ] || echo "again: THOR=$thor srcdir=${srcdir:-.} sh $here/recompute.sh $part"
exit $failed
