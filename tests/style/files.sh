# What a reader counts on: every file has a name of its own, lines fit, files end where they should, none is too long, every header
# has a guard and says what it is for, every source is in the list of its folder, and nothing generated is tracked.
set -eu
cd "${srcdir:-.}"
columns=120
longest=500
failed=0
complain() { printf '%s\n' "$*"; failed=1; }

sources=$(find src simd tests bench data -name '*.[ch]' | sort)

# ---- one name, one file (a program's tests are named after what they test) ----
twice=$(printf '%s\n' "$sources" | sed 's|.*/||' | sort | uniq -d)
for name in $twice; do
    complain "several files are called $name: $(printf '%s\n' "$sources" | grep "/$name\$" | tr '\n' ' ')"
done

# ---- form. Columns are characters, not bytes: awk counts bytes, so continuation bytes of UTF-8 are dropped first ----
# shellcheck disable=SC2086 # names of files are words
form=$(LC_ALL=C awk -v columns=$columns -v longest=$longest '
    FNR == 1 { if (NR > 1) close_file(); name = FILENAME; lines = 0; guard = ""; comment = made = 0 }
    {
        lines++
        line = $0
        gsub(/[\200-\277]/, "", line)
        if (length(line) > columns) print name ":" FNR ": " length(line) " columns; " columns " is the end"
        if (line ~ /[ \t\r]$/) print name ":" FNR ": blank at the end of the line"
        if (line ~ /\t/) print name ":" FNR ": tab; indent with four blanks"
        if (line ~ /^\/\*/) comment = 1
        if (FNR < 4 && line ~ /made by/) made = 1       # a table, to be included where its type is declared
        if (line ~ /^#ifndef THOR_[A-Z0-9_]*_H$/) guard = line
    }
    function close_file() {
        if (lines > longest) print name ": " lines " lines; " longest " is the end, 100 to 250 the aim"
        if (name ~ /^(src|simd)\/.*\.h$/ && guard == "" && !made && name !~ /_body\.h$/) print name ": no include guard THOR_…_H"
        if (name ~ /^(src|simd)\/.*\.h$/ && !comment) print name ": no comment says what this header is for"
    }
    END { close_file() }' $sources)
[ -z "$form" ] || complain "$form"

# ---- everything is built and shipped ----
lists="Makefile.am $(find . -name local.mk)"
for file in $(find src simd tests bench -name '*.[ch]'); do
    # A test of one file stands there without its ".c".
    # shellcheck disable=SC2086
    grep -qE "$file|${file%.c}( |\$)" $lists ||
        complain "$file: stands in no local.mk, so no tarball has it"
done

# ---- nothing generated is tracked (only where git is) ----
if [ -e .git ] && command -v git > /dev/null; then
    tracked=$(git ls-files | grep -E '(^|/)(configure|Makefile|Makefile\.in|aclocal\.m4|config\.status|libtool)$|\.(o|lo|la|a|log|trs|so|pyc)$' || true)
    [ -z "$tracked" ] || complain "generated files are tracked: $tracked"
    big=$(git ls-files -z | xargs -0 ls -ln 2> /dev/null | awk '$5 > 4000000 { print $NF }')
    [ -z "$big" ] || complain "files above 4 MB are tracked: $big"
fi

[ $failed = 0 ] || echo "again: srcdir=$PWD sh tests/style/files.sh"
exit $failed
