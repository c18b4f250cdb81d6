# No header includes itself in a circle of headers, and no source file needs, in a circle, a file that needs it: a file can then be
# read, tested and replaced when those under it are known. Sources are judged by the symbols of the objects that were built.
set -eu
srcdir=${srcdir:-.}
failed=0

# Lines "A B" (A needs B) in, one line for each circle out: its members in order. What needs nothing, or is needed by nothing, is in
# no circle and goes first, again and again; the few that are left are asked who reaches whom.
# shellcheck disable=SC2016 # a program of awk
circles='
$1 != $2 && !(($1, $2) in edge) { edge[$1, $2] = 1; from[++n] = $1; to[n] = $2; node[$1] = node[$2] = 1 }
END {
    do {
        split("", needs); split("", needed); kept = 0
        for (i = 1; i <= n; i++) { needs[from[i]] = 1; needed[to[i]] = 1 }
        for (i = 1; i <= n; i++)
            if ((to[i] in needs) && (from[i] in needed)) { kept++; from[kept] = from[i]; to[kept] = to[i] }
        shrunk = kept < n; n = kept
    } while (shrunk)
    for (i = 1; i <= n; i++) { reach[from[i], to[i]] = 1; left[from[i]] = left[to[i]] = 1 }
    for (k in left) for (i in left) if ((i, k) in reach) for (j in left) if ((k, j) in reach) reach[i, j] = 1
    for (i in left) if ((i, i) in reach) {
        first = i
        for (j in left) if (((i, j) in reach) && ((j, i) in reach) && j < first) first = j
        member[first] = member[first] "\n" i
    }
    for (first in member) {
        command = "sort | tr \"\\n\" \" \" | sed \"s/ *$//\""
        print substr(member[first], 2) | command
        close(command)
        print ""
    }
}'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
edges=$scratch/edges

judge() { # WHAT: looks at $edges
    [ -s "$edges" ] || { echo "$1: nothing was found to look at"; failed=1; }
    awk "$circles" "$edges" > "$scratch/circles"
    while IFS= read -r circle; do
        [ -n "$circle" ] || continue
        echo "$1: a circle of $circle"
        awk -v circle=" $circle " 'index(circle, " " $1 " ") && index(circle, " " $2 " ") && $1 != $2 && !seen[$1, $2]++ {
            print "    " $1 " needs " $2 ($3 == "" ? "" : ": " $3) }' "$edges"
        failed=1
    done < "$scratch/circles"
}

# A circle of three, one beside it, and what hangs on them: the test has to see circles at all.
seen=$(printf 'a b\nb c\nc a\nx a\nc y\np q\nq p\nq a\ns s\n' | awk "$circles" | sort | grep -v '^$' | tr '\n' ';')
[ "$seen" = 'a b c;p q;' ] || { echo "the search for circles is wrong: it finds '$seen'"; exit 1; }

# shellcheck disable=SC2046 # names of files are words
(cd "$srcdir" && grep -H '^ *# *include *"' $(find src simd -name '*.h')) |
    awk -F '"' '{ file = $1; sub(/:.*/, "", file); target = $2
                  if (target !~ /^simd\//) target = "src/" target
                  print file, target }' > "$edges"
judge headers

# Objects have the names of their sources behind the name of what they are built for.
nm=${NM:-nm}
objects=
for object in $(find src simd -name '*.o' 2> /dev/null || true); do
    name=${object##*/} folder=${object%/*}
    name=${name##*-}
    [ ! -f "$srcdir/${folder%/.libs}/${name%.o}.c" ] || objects="$objects $object"  # else its source has gone
done
if [ -z "$objects" ] || ! command -v "$nm" > /dev/null; then
    [ $failed = 0 ] || exit 1
    echo "left out: no objects here, or no nm"
    exit 77
fi
# shellcheck disable=SC2086 # names of files are words
"$nm" -P -A $objects 2> /dev/null | awk '
    { file = $1; sub(/:$/, "", file); sub(/\/\.libs\//, "/", file); sub(/\.o$/, "", file); sub(/[^\/]*-/, "", file) }
    $3 ~ /^[TDBRGSCVW]$/ { owner[$2] = file }
    $3 == "U" { user[++n] = file; symbol[n] = $2 }
    # The table of commands names them all, and a command looks itself up in it.
    END { for (i = 1; i <= n; i++)
              if ((symbol[i] in owner) && symbol[i] != "thor_command_find" && symbol[i] != "thor_commands")
                  print user[i], owner[symbol[i]], symbol[i] }' > "$edges"
judge sources

[ $failed = 0 ] || echo "again, in the folder of the build: srcdir=$srcdir sh tests/style/circles.sh"
exit $failed
