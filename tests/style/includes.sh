# Include lines point one way: a folder may include the folders in its line of this table, and no others. HACKING.md shows the
# same table and says why.
set -eu
cd "${srcdir:-.}"

table='base:   base
simd:   base simd
nn:     base simd nn
model:  base simd nn model
cluster: base cluster
train:  base simd nn model cluster train
text:   base text
pieces: base text pieces
learn:  base text pieces learn
data:   base text pieces learn model data
score:  base text pieces score
file:   base model file
decode: base simd nn model text pieces file decode
report: base report
run:    base simd nn model cluster train text pieces data score file decode run
reproduce: base simd nn model cluster train pieces data score file decode report run reproduce
api:    base simd nn model train pieces data score file decode api
cli:    base simd nn model cluster train text pieces learn data score file decode report run reproduce api cli'

# Libraries of others, and the only folders that may know them.
libraries='jansson.h file reproduce cli
utf8proc.h text pieces
cblas.h simd
zlib.h text
lzma.h text
zstd.h text
check.h none
omp.h base'

find src simd -name '*.[ch]' | sort | xargs awk -v table="$table" -v libraries="$libraries" '
BEGIN {
    lines = split(table, line, "\n")
    for (i = 1; i <= lines; i++) {
        words = split(line[i], word, /[: ]+/)
        known[word[1]] = 1
        for (j = 2; j <= words; j++) allowed[word[1], word[j]] = 1
    }
    lines = split(libraries, line, "\n")
    for (i = 1; i <= lines; i++) {
        words = split(line[i], word, " ")
        guarded[word[1]] = 1
        for (j = 2; j <= words; j++) may[word[1], word[j]] = 1
    }
}
function complain(text) { print FILENAME ":" FNR ": " text; wrong++ }
FNR == 1 {
    parts = split(FILENAME, part, "/")
    # A file directly in src/ is the public interface.
    folder = part[1] == "simd" ? "simd" : (parts > 2 ? part[2] : "api")
    if (!(folder in known)) complain("folder " folder " has no line in the table of tests/style/includes.sh")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    seen++
    split($0, quoted, "\"")
    target = quoted[2]
    slash = index(target, "/")
    if (!slash) { if (folder != "api" && target != "thor.h") complain("\"" target "\" names no folder"); next }
    to = substr(target, 1, slash - 1)
    if (!((folder, to) in allowed)) complain(folder " may not include " to " (\"" target "\")")
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    target = $0
    sub(/^[^<]*</, "", target)
    sub(/>.*/, "", target)
    base = target
    sub(/.*\//, "", base)
    if ((base in guarded) && !((base, folder) in may)) complain(folder " may not know <" target ">")
}
END {
    if (!seen) { print "no include line was found: wrong folder?"; exit 1 }
    print seen " include lines, " wrong + 0 " wrong"
    exit wrong > 0
}' || { echo "again: srcdir=$PWD sh tests/style/includes.sh"; exit 1; }
