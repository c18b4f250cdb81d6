# One name, one type: a struct, union, enumeration or typedef called thor_… is defined in one file of src and simd, so that any two
# headers can be included together and a debugger can tell types apart.
set -eu
cd "${srcdir:-.}"

# "NAME FILE" for every definition; a struct and its typedef in one file are one.
# shellcheck disable=SC2046 # names of files are words
definitions=$(awk '
    # typedef struct thor_name {    struct thor_name {
    /^(typedef )?(struct|union|enum) thor_[a-z0-9_]+ \{/ { match($0, /thor_[a-z0-9_]+/); print substr($0, RSTART, RLENGTH), FILENAME }
    # } thor_name;    typedef struct { … } thor_name;
    /\} thor_[a-z0-9_]+;/ && (/^\}/ || /^typedef/) { match($0, /\} thor_[a-z0-9_]+;/); print substr($0, RSTART + 2, RLENGTH - 3), FILENAME }
    # typedef int thor_name;    typedef void thor_name(…    typedef thor_status (*thor_name)(…; not: typedef struct thor_name thor_name;
    /^typedef [^{]*thor_[a-z0-9_]+\)?[(;]/ && !/^typedef (struct|union|enum) [a-z0-9_]+ [a-z0-9_]+;/ {
        match($0, /thor_[a-z0-9_]+\)?[(;]/); name = substr($0, RSTART, RLENGTH); sub(/\)?[(;]$/, "", name); print name, FILENAME
    }' $(find src simd -name '*.[ch]' | sort) | sort -u)

count=$(printf '%s\n' "$definitions" | wc -l)
[ "$count" -gt 150 ] || { echo "only $count types were found: has their form changed?"; exit 1; }
failed=0
for name in $(printf '%s\n' "$definitions" | cut -d ' ' -f 1 | uniq -d); do
    echo "$name is defined in several files:" $(printf '%s\n' "$definitions" | sed -n "s/^$name //p")
    failed=1
done
[ $failed = 0 ] || echo "again: srcdir=$PWD sh tests/style/types.sh"
exit $failed
