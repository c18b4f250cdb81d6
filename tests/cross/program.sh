# The whole program on other processors, big-endian s390x among them: what it prepares, trains and translates under an
# emulator is byte for byte what this machine makes, and each goes on from the other's files.
#
#   CROSS_ROOT=folder sh tests/cross/program.sh [aarch64 s390x]
# CROSS_ROOT: where tests/cross/packages.sh put Jansson and utf8proc (or nothing, with Debian's multi-arch packages
# installed). As a test of `make check` it runs with THOR_TEST_LONG alone. Exit 77 where nothing could be tried.
set -u
if [ $# = 0 ] && [ "${THOR_TEST_LONG:-0}" = 0 ]; then
    echo "a long test: THOR_TEST_LONG=1 runs it, or sh tests/cross/program.sh aarch64 s390x"
    exit 77
fi
[ $# != 0 ] || set -- aarch64 s390x
thor=${THOR:-$PWD/thor}
source=$(cd "${srcdir:-.}" && pwd)
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2)}
root=${CROSS_ROOT:-}
scratch=$(mktemp -d ./scratch-foreign-XXXXXX)
scratch=$(cd "$scratch" && pwd)
trap 'rm -rf "$scratch"' EXIT
export OMP_WAIT_POLICY=passive
failed=0 tried=0 skipped=0

has() { command -v "$1" > /dev/null 2>&1; }
complain() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor CROSS_ROOT=$root srcdir=$source sh $source/tests/cross/program.sh $processor"
    failed=1
}
skip() { echo "$processor: skipped: $1"; skipped=$((skipped + 1)); }
cache=
if has ccache; then cache=ccache; fi

# configured PROCESSOR: configures and builds its program in $scratch/PROCESSOR.
built() {
    mkdir -p "$scratch/$1"
    (
        cd "$scratch/$1" || exit
        if [ -n "$root" ]; then export PKG_CONFIG_SYSROOT_DIR="$root"; fi
        PKG_CONFIG_LIBDIR="$root/usr/lib/$1-linux-gnu/pkgconfig" "$source/configure" --host="$1-linux-gnu" \
            --disable-shared --enable-static --without-openblas CC="$cache $1-linux-gnu-gcc" \
            CPPFLAGS="${root:+-I$root/usr/include}" LDFLAGS="${root:+-L$root/usr/lib/$1-linux-gnu}" &&
            make -s -j"$jobs" thor LDFLAGS="-all-static ${root:+-L$root/usr/lib/$1-linux-gnu}"
    ) > "$scratch/$1.log" 2>&1
}

# work NAME PROGRAM …: prepares, trains five updates and goes on to eight, translates; all files under $scratch/NAME.
work() {
    name=$1
    shift
    mkdir -p "$scratch/$name"
    "$@" prepare "$scratch/corpus" -o "$scratch/$name/data" --vocab-size 120 -q &&
        trained "$name" "$name" 5 "$@" && cp -R "$scratch/$name/run" "$scratch/$name/five" &&
        trained "$name" "$name" 8 "$@" &&
        "$@" translate -m "$scratch/$name/run" --from en --to fr -q < "$scratch/lines" > "$scratch/$name/translation"
} > "$scratch/work.log" 2>&1

# trained NAME DATA UPDATES PROGRAM …: on the prepared data of DATA, going on where NAME's run stands.
trained() {
    run=$scratch/$1/run data=$scratch/$2/data updates=$3
    shift 3
    "$@" train --recipe thor-topp --scale tiny --set batch.max_pieces=60 --set batch.max_tokens=150 \
        --set batch.shards=3 --set search.max_length_b=20 --data "$data" -o "$run" --validate-every 4 --updates "$updates" -j 2 -q --resume
}

# Checkpoints and data as they lie on disk, but for what tells seconds: metrics.jsonl, the reports, two lines of state.json
# and so that file's line in SHA256SUMS.
sums() {
    (
        cd "$1" || exit
        find . -type f ! -name '*.jsonl' ! -name '*.lock' ! -name '*report*' | sort | while read -r file; do
            case $file in
            */state.json) echo "$(grep -v -e '"seconds"' -e '"metrics_bytes"' "$file" | cksum) $file" ;;
            */SHA256SUMS) echo "$(grep -v 'state.json$' "$file" | cksum) $file" ;;
            *) cksum "$file" ;;
            esac
        done
    )
}

# same A B WHAT
same() {
    sums "$1" > "$scratch/a"
    sums "$2" > "$scratch/b"
    [ -s "$scratch/a" ] && cmp -s "$scratch/a" "$scratch/b" || complain "$processor: $3 differ:" "$(diff "$scratch/a" "$scratch/b")"
}

. "$source/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
head -n 5 "$scratch/corpus/val.en" > "$scratch/lines"

for processor; do
    has "$processor-linux-gnu-gcc" || { skip "no $processor-linux-gnu-gcc"; continue; }
    has "qemu-$processor-static" || { skip "no qemu-$processor-static"; continue; }
    [ -f "$root/usr/lib/$processor-linux-gnu/pkgconfig/jansson.pc" ] || { skip "no Jansson for it (CROSS_ROOT)"; continue; }
    [ -d "$scratch/here" ] || work here "$thor" || { complain "here:" "$(cat "$scratch/work.log")"; break; }
    built "$processor" || { complain "$processor: cannot be built:" "$(tail -n 30 "$scratch/$processor.log")"; continue; }
    there="qemu-$processor-static $scratch/$processor/thor"
    tried=$((tried + 1))
    # shellcheck disable=SC2086 # words on purpose
    $there --version
    # shellcheck disable=SC2086
    work "there-$processor" $there || { complain "$processor:" "$(cat "$scratch/work.log")"; continue; }
    same "$scratch/here" "$scratch/there-$processor" "files made here and there"

    # ---- each goes on with what the other wrote ----
    mkdir -p "$scratch/mixed-$processor" "$scratch/back-$processor"
    cp -R "$scratch/here/five" "$scratch/mixed-$processor/run"
    cp -R "$scratch/there-$processor/five" "$scratch/back-$processor/run"
    # shellcheck disable=SC2086
    trained "mixed-$processor" here 8 $there || complain "$processor cannot go on with this machine's files"
    trained "back-$processor" "there-$processor" 8 "$thor" || complain "this machine cannot go on with files of $processor"
    same "$scratch/here/run" "$scratch/mixed-$processor/run" "checkpoints, going on there"
    same "$scratch/here/run" "$scratch/back-$processor/run" "checkpoints, going on here"
    echo "$processor: $(wc -l < "$scratch/a") files of a training agree byte for byte"
done
echo "$tried processors tried, $skipped skipped"
[ $failed = 0 ] || exit 1
[ $tried != 0 ] || exit 77
