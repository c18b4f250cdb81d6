# The shared library exports the functions of thor.h, all of them and nothing else: what leaves it once has to stay.
set -u
header=${srcdir:-.}/src/thor.h
build=$(dirname "${THOR:-./thor}")
scratch=$(mktemp -d ./scratch-exports-XXXXXX)
trap 'rm -rf "$scratch"' EXIT

# Names before a parenthesis, outside comments.
awk '{
    while (1) {
        if (inside) {
            end = index($0, "*/")
            if (!end) next
            $0 = substr($0, end + 2)
            inside = 0
        }
        start = index($0, "/*")
        if (!start) break
        rest = substr($0, start)
        head = substr($0, 1, start - 1)
        end = index(rest, "*/")
        if (!end) { inside = 1; $0 = head; break }
        $0 = head substr(rest, end + 2)
    }
    while (match($0, /thor_[a-z0-9_]+\(/)) {
        print substr($0, RSTART, RLENGTH - 1)
        $0 = substr($0, RSTART + RLENGTH)
    }
}' "$header" | sort -u > "$scratch/declared"
[ -s "$scratch/declared" ] || { echo "no function was found in $header"; exit 1; }

if [ -f "$build/.libs/libthor.so" ]; then
    library=$build/.libs/libthor.so names='nm -D --defined-only'
elif [ -f "$build/.libs/libthor.dylib" ]; then
    library=$build/.libs/libthor.dylib names='nm -g -U'
else
    echo "no shared library in $build/.libs: it was configured without one"
    exit 77
fi
command -v nm > /dev/null 2>&1 || { echo 'nm is not installed'; exit 77; }
$names "$library" | awk '{ sub(/^_thor_/, "thor_", $NF); print $NF }' | sort -u > "$scratch/exported" || exit 1
if ! diff "$scratch/declared" "$scratch/exported" > "$scratch/difference"; then
    echo "$library exports (>) other names than $header declares (<):"
    head -n 20 "$scratch/difference"
    echo "again: THOR=${THOR:-./thor} srcdir=${srcdir:-.} sh ${srcdir:-.}/tests/install/exports.sh"
    exit 1
fi
