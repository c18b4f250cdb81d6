# Recipes are named in one table of the reproduction, src/reproduce/table_list.c, and in no other of its sources.
set -eu
folder=${srcdir:-.}/src/reproduce
names=$(grep -oE '\{ "[a-z][a-z0-9-]*", (NULL|"[a-z_.]*=)' "$folder/table_list.c" | cut -d '"' -f 2 | sort -u)
[ "$(printf '%s\n' "$names" | wc -l)" -gt 8 ] || { echo "few recipes were found in table_list.c: was its form changed?"; exit 1; }
failed=0
for name in $names; do
    for file in "$folder"/*.[ch]; do
        case $file in */table_list.c) continue ;; esac
        if grep -nE "\"$name[\"+]" "$file"; then
            echo "$file names the recipe $name"
            failed=1
        fi
    done
done
[ $failed = 0 ] || echo "again: srcdir=${srcdir:-.} sh ${srcdir:-.}/tests/reproduce/one-table.sh"
exit $failed
