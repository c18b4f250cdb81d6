# An installed thor as a stranger meets it: the program, its pages, a C program that finds the library by pkg-config
# alone, the golden folders, and the session of thor-gpu-check(7) as it is typed. `make installcheck` runs it with PREFIX and, where it was installed aside, DESTDIR.
set -u
prefix=${PREFIX:?the prefix that thor was installed with}
destination=${DESTDIR:-}
here=$(cd "${srcdir:-.}" && pwd)
scratch=$(mktemp -d ./scratch-installed-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
root=$destination$prefix
failed=0

fail() {
    printf '%s\n' "$@"
    [ ! -s "$scratch/log" ] || tail -n 20 "$scratch/log"
    echo "again: PREFIX=$prefix DESTDIR=$destination srcdir=$here CC='${CC:-cc}' sh $here/tests/install/installed.sh"
    failed=1
}

export LD_LIBRARY_PATH="$root/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
thor=$root/bin/thor
version=$("$thor" --version 2> "$scratch/log" | sed -n '1s/^thor //p')
[ -n "$version" ] || { fail "$thor does not run"; exit 1; }
for page in man1/thor.1 man1/thor-train.1 man5/thor-config.5 man7/thor-numerics.7; do
    [ -f "$root/share/man/$page" ] || fail "no page $root/share/man/$page"
done

# ---- the program ----
. "$here/tests/cli/tiny-corpus.sh"
tiny_corpus "$scratch/corpus"
{
    "$thor" prepare "$scratch/corpus" -o "$scratch/data" --vocab-size 120 -q &&
        "$thor" train --recipe thor-topp --scale tiny --set batch.max_pieces=60 --set batch.max_tokens=300 \
            --set search.max_length_b=20 --data "$scratch/data" -o "$scratch/run" --updates 3 --validate-every 0 -q &&
        echo 'the dog sees the house' | "$thor" translate -m "$scratch/run" --from en --to de -q > "$scratch/expected"
} > "$scratch/log" 2>&1 || fail "the installed program cannot prepare, train and translate"

# ---- the library ----
config=${PKG_CONFIG:-pkg-config}
export PKG_CONFIG_PATH="$root/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
ask() {
    if [ -n "$destination" ]; then PKG_CONFIG_SYSROOT_DIR=$destination "$config" "$@"; else "$config" "$@"; fi
}
told=$(ask --modversion thor 2> "$scratch/log")
[ "$told" = "$version" ] || fail "pkg-config says thor is '$told', the program says '$version'"
libraries=--libs
ls "$root"/lib/libthor.so* "$root"/lib/libthor*.dylib > /dev/null 2>&1 || libraries="--libs --static"
# shellcheck disable=SC2046,SC2086 # flags are words
if ${CC:-cc} ${INSTALLED_CFLAGS:-} -Wall -Wextra -Werror $(ask --cflags thor) -o "$scratch/consumer" \
    "$here/tests/install/consumer.c" $(ask $libraries thor) > "$scratch/log" 2>&1; then
    "$scratch/consumer" "$scratch/run" en de 'the dog sees the house' > "$scratch/found" 2> "$scratch/log" ||
        fail "a program of its own fails with the installed library"
    cmp -s "$scratch/expected" "$scratch/found" || fail "the library translates otherwise than the program:" \
        "$(cat "$scratch/expected" "$scratch/found")"
else
    fail "a C program cannot be compiled against the installed library"
fi

# ---- golden folders, and the session of the page that checks a GPU version ----
share=$root/share/thor
for folder in "$share"/golden/*; do
    "$thor" golden check "$folder" > "$scratch/log" 2>&1 || fail "$folder does not check"
done
for python in "${PYTHON:-python3}" /usr/bin/python3; do
    if "$python" -c 'import torch' 2> /dev/null; then break; fi
    python=
done
if [ -n "$python" ]; then
    awk '/^plain=|^thor golden|^python3/ || more { sub(/\\\\$/, "\\"); print; more = /\\$/ }' \
        "$root/share/man/man7/thor-gpu-check.7" |
        sed "s|/usr/local/share/thor|$share|; s/--device cuda/--device cpu/; s|^python3|$python -B|" > "$scratch/session"
    [ "$(grep -c '^thor golden' "$scratch/session")" -ge 8 ] || fail 'the page has other commands' "$(cat "$scratch/session")"
    sed '/--from yours/{x;s/.*/cp -R golden yours/;G}' "$scratch/session" > "$scratch/commands"
    (cd "$scratch" && PATH=$root/bin:$PATH && export PATH && sh -e ./commands > log 2>&1) ||
        fail 'the session of thor-gpu-check(7) does not run'
    sed -n '/^import golden, philox/,/^\.Ed/p' "$root/share/man/man7/thor-gpu-check.7" | sed '/^\./d' > "$scratch/masks.py"
    [ -s "$scratch/masks.py" ] || fail 'the page does not make masks'
    (cd "$scratch" && PYTHONPATH=$share:$share/oracle "$python" -B masks.py > log 2>&1) ||
        fail 'the masks of thor-gpu-check(7) are not those of the folder'
else
    echo 'without the session of thor-gpu-check(7): no python3 with PyTorch was found'
fi
exit $failed
