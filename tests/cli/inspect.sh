# thor inspect: a recipe on paper, routers at work, the course of a training; text, JSON and drawings.
set -u
thor=${THOR:-./thor}
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"       # threads that spin stand in the way of a busy machine's others
scratch=$(mktemp -d ./scratch-inspect-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    printf '%s\n' "$@"
    echo "again: THOR=$thor sh ${srcdir:-.}/tests/cli/inspect.sh"
    failed=1
}

# inspect CODE WORD…: to $scratch/out, messages to $scratch/err.
inspect() {
    code=$1
    shift
    got=0
    "$thor" inspect "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || got=$?
    [ $got = "$code" ] || fail "thor inspect $*: exit $got, expected $code" "$(cat "$scratch/err")"
}

refuse() {
    code=$1 pattern=$2
    shift 2
    inspect "$code" "$@"
    [ "$(wc -l < "$scratch/err")" -eq 1 ] || fail "thor inspect $*: expected one line, got:" "$(cat "$scratch/err")"
    grep -q -- "$pattern" "$scratch/err" || fail "thor inspect $*: expected '$pattern', got:" "$(cat "$scratch/err")"
}

has() { grep -qE -- "$1" "$scratch/out" || fail "expected '$1' in:" "$(cat "$scratch/out")"; }

# A drawing is XML, and every tag that opens closes.
drawing() {
    [ "$(head -c 5 "$1")" = '<?xml' ] && tail -n 1 "$1" | grep -q '^</svg>$' || fail "$1 is no drawing"
    awk '/<text/ && !/<\/text>$/ { bad++ } /nan|inf/ { bad++ } END { exit bad > 0 }' "$1" || fail "$1 has broken lines"
    if command -v xmllint > /dev/null; then xmllint --noout "$1" || fail "$1 is not well formed"; fi
}

# ---- on paper. thor-top2 at paper scale by hand: d 512, F 2048, 32 experts, 3 mixtures a stack, V = 4 + 64000 + 1 + 16 ----
inspect 0 --recipe thor-top2
has '^embeddings .* 32778752 '                                  # 64021 * 512
has '^attention .* 18911232 '                                   # 18 * 4 * (512 * 512 + 512)
has '^experts .* 403144704 '                                    # 6 * 32 * (2 * 512 * 2048 + 2048 + 512)
has '^feed-forward networks .* 12598272 '                       # 6 * (2 * 512 * 2048 + 2048 + 512)
has '^tasks and languages .* 16384 '                            # 2 * 16 * 512
has '^together .* 100.0 %'
inspect 0 --recipe dense --scale tiny --json
has '"experts": 0'
inspect 0 --recipe thor-topp --scale small --set moe.experts=16 --languages 4 --length 10
has '16 experts, 4 of them candidates'
has '8009 ids, 4 languages'
inspect 0 --recipe thor-top2 --setup multidomain
has '2 languages, 5 domains; 32 experts'
has '^tasks and languages .* 5120 '                             # 2 * 5 * 512
inspect 0 --recipe thor-top2 --setup multidomain --domains 8 --languages 3
has '3 languages, 8 domains'
has '^tasks and languages .* 8192 '
for recipe in thor-topp-golden thor-topp-infuse thor-topp-no-task thor-topp-no-context; do inspect 0 --recipe $recipe --scale tiny; done

# ---- a run ----
mkdir -p "$scratch/corpus/de-en" "$scratch/corpus/en-fr"
awk -v folder="$scratch/corpus" 'BEGIN {
    split("dog cat house tree book man woman child", en); split("Hund Katze Haus Baum Buch Mann Frau Kind", de)
    split("chien chat maison arbre livre homme femme enfant", fr); split("train dev test", splits)
    for (s = 1; s <= 3; s++)
        for (i = 1; i <= 8; i++)
            for (j = 1; j <= 4; j++) {
                print "the " en[i] " sees a " en[j] " ." > (folder "/de-en/opus.de-en-" splits[s] ".en")
                print "der " de[i] " sieht ein " de[j] " ." > (folder "/de-en/opus.de-en-" splits[s] ".de")
                print "the " en[i] " sees a " en[j] " ." > (folder "/en-fr/opus.en-fr-" splits[s] ".en")
                print "le " fr[i] " voit un " fr[j] " ." > (folder "/en-fr/opus.en-fr-" splits[s] ".fr")
            }
}'
"$thor" prepare -q "$scratch/corpus" --vocab-size 120 -o "$scratch/data" > "$scratch/log" 2>&1 &&
    "$thor" train -q -j 1 --recipe thor-top2 --scale tiny --data "$scratch/data" -o "$scratch/run" --updates 12 \
        --set batch.shards=1 --validate-every 5 >> "$scratch/log" 2>&1 ||
    { fail 'no run to look at:' "$(cat "$scratch/log")"; exit 1; }

inspect 0 -m "$scratch/run" --length 12
has '3 languages; 8 experts'

# ---- its routers: 128 sentences in 4 directions, two experts for every token ----
inspect 0 -m "$scratch/run" --data "$scratch/data" --svg "$scratch/experts.svg"
has 'Experts in encoder layer 1, by source language'
has 'Experts in decoder layer 1, by target language'
has '^ +fr( +[0-9]+){8} +2\.00$'
has '^ +into English +64 '
has '^ +from English +64 '
drawing "$scratch/experts.svg"
cp "$scratch/out" "$scratch/first"
for words in '-j 1' '-j 3' '--isa scalar'; do
    # shellcheck disable=SC2086
    inspect 0 -m "$scratch/run" --data "$scratch/data" $words
    cmp -s "$scratch/first" "$scratch/out" || fail "$words changes the numbers" "$(diff "$scratch/first" "$scratch/out")"
done
# Rows of the percentages add up, give or take the rounding.
awk '/percent of the choices/ { on = 1; next } /^$/ { on = 0 }
    on && $1 ~ /^(de|en|fr)$/ { sum = 0; for (i = 2; i < NF; i++) sum += $i; if (sum < 96 || sum > 104) bad++ }
    END { exit bad > 0 }' "$scratch/first" || fail 'percentages do not add up to 100' "$(cat "$scratch/first")"
inspect 0 -m "$scratch/run/last" --data "$scratch/data" --split valid --json
has '"confusion":'
has '"experts_per_token": 2.0'

# ---- the use of its experts, against the counts themselves ----
grep -A4 '^Use of the 8 experts of each mixture' "$scratch/first" > "$scratch/out"
has '^ +mixture +a token +evenness +candidate sets +never candidates +never chosen$'
has '^ +encoder.layers.1 +2\.00 +0\.[0-9]{3} +[1-9][0-9]* +[0-6] +(-|[0-7 -]+)$'
inspect 0 -m "$scratch/run" --data "$scratch/data" --json
tr -d ' \n' < "$scratch/out" | sed 's/"layer"/\n&/g' | grep '^"layer"' | while IFS= read -r mixture; do
    printf '%s\n' "$mixture" | sed 's/.*"never_chosen":\[\([^]]*\)\].*/\1/' > "$scratch/said"
    printf '%s\n' "$mixture" | grep -o '"chosen":\[[^]]*' | sed 's/.*\[//' | awk -F, '
        { for (e = 1; e <= NF; e++) sum[e] += $e; n = NF }
        END { for (e = 1; e <= n; e++) if (sum[e] == 0) line = line (line == "" ? "" : ",") (e - 1); print line }' > "$scratch/counted"
    cmp -s "$scratch/said" "$scratch/counted" || echo "never chosen: $(cat "$scratch/said"), counted: $(cat "$scratch/counted")"
    printf '%s\n' "$mixture" | grep -o '"chosen":\[[^]]*' | sed 's/.*\[//' | awk -F, -v said="$(printf '%s' "$mixture" |
        sed 's/.*"evenness":\([0-9.e-]*\).*/\1/')" '
        { for (e = 1; e <= NF; e++) { sum[e] += $e; all += $e }; n = NF }
        END { for (e = 1; e <= n; e++) if (sum[e] > 0) h -= sum[e] / all * log(sum[e] / all)
              d = h / log(n) - said; if (d > 1e-6 || d < -1e-6) print "evenness " said ", counted " h / log(n) }'
done > "$scratch/differences"
[ ! -s "$scratch/differences" ] || fail 'the use of experts is not that of the counts:' "$(cat "$scratch/differences")"

# ---- its course ----
inspect 0 --losses "$scratch/run" --svg "$scratch/losses.svg"
has '^12 updates'
has '^5 +[0-9]'
has '^10 +[0-9]'
drawing "$scratch/losses.svg"
grep -q '>validation<' "$scratch/losses.svg" || fail 'the drawing has no legend'
printf '{"step": 13, "nl' >> "$scratch/run/metrics.jsonl"          # what a kill leaves
inspect 0 --losses "$scratch/run"
has '^12 updates'
printf '\n' >> "$scratch/run/metrics.jsonl"
refuse 1 'metrics.jsonl:15: ' --losses "$scratch/run"
: > "$scratch/run/metrics.jsonl"
refuse 1 'no update is recorded' --losses "$scratch/run"
refuse 1 'nowhere' --losses "$scratch/nowhere"

# ---- domains as tasks ----
for domain in animals things; do
    mkdir -p "$scratch/domains/$domain"
    for side in de en; do
        for split in train dev; do
            awk -v domain=$domain '(NR % 8 < 4) == (domain == "animals") { print domain, $0 }' \
                "$scratch/corpus/de-en/opus.de-en-$split.$side" > "$scratch/domains/$domain/$split.$side"
        done
    done
done
"$thor" prepare -q "$scratch/domains" --vocab-size 120 -o "$scratch/two" > "$scratch/log" 2>&1 &&
    "$thor" train -q -j 1 --recipe thor-topp --setup multidomain --scale tiny --data "$scratch/two" -o "$scratch/by-domain" \
        --updates 12 --set batch.shards=1 >> "$scratch/log" 2>&1 &&
    "$thor" train -q -j 1 --recipe st-moe --setup multidomain --scale tiny --data "$scratch/two" -o "$scratch/plain" \
        --updates 2 --set batch.shards=1 >> "$scratch/log" 2>&1 ||
    { fail 'no run with domains to look at:' "$(cat "$scratch/log")"; exit 1; }
inspect 0 -m "$scratch/by-domain"
has '2 languages, 2 domains; 8 experts'
inspect 0 -m "$scratch/by-domain" --data "$scratch/two" --split valid --svg "$scratch/domains.svg"
has 'Experts in encoder layer 1, by domain'
has 'Experts in decoder layer 1, by domain'
has '^ +animals( +[0-9]+){8} +[0-9]\.[0-9]{2}$'
has '^ +into English +32 '
has '^ +things +[0-9]+ +[0-9]+ +[0-9.]+ %$'
! grep -q 'from English' "$scratch/out" || fail 'a direction from English was trained' "$(cat "$scratch/out")"
drawing "$scratch/domains.svg"
grep -q '>animals<' "$scratch/domains.svg" || fail 'the drawing does not name the domains'
inspect 0 -m "$scratch/by-domain" --data "$scratch/two" --split valid --json
has '"domains": \{'
inspect 0 -m "$scratch/plain" --data "$scratch/two" --split valid
has '^ +things( +[0-9]+){8} +1\.00$'
has '^ +decoder.layers.1 +1\.00 +0\.[0-9]{3} +- +0 '
refuse 1 'the split test has no sentences in the model.s directions; there are some in: train, valid$' -m "$scratch/by-domain" \
    --data "$scratch/two"

# ---- what does not go together ----
refuse 2 'name one of'
refuse 2 'more than one' --recipe dense -m "$scratch/run"
refuse 2 'unknown' --recipe nonsense
refuse 2 '--setup belongs to --recipe' -m "$scratch/run" --setup multidomain
refuse 2 '--setup=both' --recipe dense --setup both
refuse 2 '--scale belongs to --recipe' -m "$scratch/run" --scale tiny
refuse 2 '--data shows' --recipe dense --data "$scratch/data"
refuse 2 '--svg draws' --recipe dense --svg "$scratch/x.svg"
refuse 2 'train, valid or test' -m "$scratch/run" --data "$scratch/data" --split tests
refuse 2 'not an option' --recipe dense more
refuse 1 'nowhere' -m "$scratch/run" --data "$scratch/nowhere"
refuse 1 'cannot open' -m "$scratch/run" --data "$scratch/data" --svg "$scratch/nowhere/x.svg"
"$thor" prepare -q "$scratch/corpus" --vocab-size 100 -o "$scratch/other" > "$scratch/log" 2>&1
refuse 2 'another vocabulary' -m "$scratch/run" --data "$scratch/other"

exit $failed
