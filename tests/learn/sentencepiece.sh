# SentencePiece beside thor: vocabularies learned by both, piece by piece with their scores; ids, pieces, normalised and decoded
# text line by line, for every kind of model that spm_train makes. In make check on a small text, where SentencePiece's programs
# are; in make check-long, with THOR_TEXT naming the folder that shared/data/unpack made, on all of its text.
set -u
thor=${THOR:-./thor}
case " ${THOR_LEAVE_OUT:-} " in *" sentencepiece "*) echo "left out: THOR_LEAVE_OUT names it"; exit 77 ;; esac
for program in spm_train spm_encode spm_decode spm_normalize; do
    command -v $program > /dev/null || { echo "left out: no $program here"; exit 77; }
done
long=${THOR_TEST_LONG:-}
[ "$long" != 1 ] || [ -d "${THOR_TEXT:-}" ] || { echo "left out: THOR_TEXT names no folder of text"; exit 77; }
scratch=$(mktemp -d ./scratch-sentencepiece-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0
export OMP_WAIT_POLICY=passive

if [ "$long" = 1 ]; then
    unclean=6000 size=9000 most=16000
    cat "$THOR_TEXT"/captions/* > "$scratch/captions"
    for file in "$THOR_TEXT"/multilingual/v1.0/supervised/*/*-train.*; do
        awk 'NR % 20 == 0 && n < 4000 { n++; print }' "$file"
    done > "$scratch/train"
    # Every line of all files once: what a line gives depends on nothing else.
    find "$THOR_TEXT" -type f -exec cat {} + | LC_ALL=C sort -u > "$scratch/everything"
else
    unclean=600 size=700 most=700
    awk 'BEGIN {
        srand(3)
        n = split("the a house river sees loves 1234 2. 100% Straße über дом река 我家花园 カタカナ नमस्ते العربية ﬁne Ａｂ e\314\201t, ok.", w, " ")
        for (i = 0; i < 900; i++) {
            line = ""
            for (j = 2 + int(rand() * 9); j > 0; j--) line = line w[1 + int(rand() * n)] (rand() < 0.3 ? w[1 + int(rand() * n)] : "") " "
            print line
        }
    }' > "$scratch/train"
    cp "$scratch/train" "$scratch/everything"
fi

# Lines that try the rules: blanks, characters that change under NFKC, runs, the spellings of pieces, all planes.
awk -v unclean="$unclean" 'BEGIN {
    srand(7)
    n = split("hello|world|  |   |\t|\302\240|\343\200\200|\342\226\201|\342\226\201\342\226\201|<unk>|<s>|</s>|<sep>|foo<sep>|" \
              "\357\274\222\357\274\220|\342\221\240|\357\254\201|e\314\201|\346\274\242\345\255\227|\343\202\253\343\203\274|" \
              "\330\247\331\204|\342\200\213|\342\200\215|\360\237\230\200|%s|....|aaaaaaaa|--|1234|abc123|<0x41>|\342\201\207|" \
              "\303\237|\304\260|\352\260\200|\340\244\250\340\244\256|\342\200\246|\357\273\277|\342\200\250|\001|\177|xyz ", bit, "|")
    print ""; print " "; print "   "
    for (i = 0; i < unclean; i++) {
        line = ""
        for (j = 1 + int(rand() * 20); j > 0; j--) line = line bit[1 + int(rand() * n)] (rand() < 0.3 ? " " : "")
        print line
    }
}' > "$scratch/unclean"

count_differences() {
    diff "$1" "$2" | grep -c '^[<>]'
}

# compare MODEL TEXT: says how many lines differ in ids, in pieces, in normalised text and in the text decoded from either.
compare() {
    model=$scratch/$1.model text=$scratch/$2 sum=0
    spm_encode --model="$model" --output_format=id < "$text" > "$scratch/ids.spm"
    "$thor" vocab encode -m "$model" --output-format file-ids "$text" > "$scratch/ids.thor"
    kinds=ids
    if [ "$2" != everything ] || [ "$long" != 1 ]; then
        kinds="ids pieces text text2 normal"
        spm_encode --model="$model" < "$text" > "$scratch/pieces.spm"
        "$thor" vocab encode -m "$model" "$text" > "$scratch/pieces.thor"
        spm_decode --model="$model" < "$scratch/pieces.spm" > "$scratch/text.spm"
        "$thor" vocab decode -m "$model" "$scratch/pieces.thor" > "$scratch/text.thor"
        spm_decode --model="$model" --input_format=id < "$scratch/ids.spm" > "$scratch/text2.spm"
        "$thor" vocab decode -m "$model" --input-format file-ids "$scratch/ids.thor" > "$scratch/text2.thor"
        spm_normalize --model="$model" --use_internal_normalization=true < "$text" > "$scratch/normal.spm"
        "$thor" vocab encode -m "$model" --output-format text "$text" > "$scratch/normal.thor"
    fi
    # spm_normalize knows nothing of blanks as suffixes and of user-defined pieces.
    case $1 in *suffix* | *users*) kinds=$(echo "$kinds" | sed 's/ normal//') ;; esac
    for what in $kinds; do
        sum=$((sum + $(count_differences "$scratch/$what.spm" "$scratch/$what.thor")))
    done
    lines=$(wc -l < "$scratch/ids.thor")
    echo "$1 on $2: $lines lines, $sum differences"
    [ $sum = 0 ] && [ "$lines" = "$(wc -l < "$text")" ] && [ "$lines" -gt 0 ] || failed=1
    # Decoding gives back the normalised text, less blanks at its start, where no character is unknown (id 0).
    case $2$long-$1 in
    everything1-*) ;;
    *-identity | *-bytes)
        known() { awk 'NR == FNR { unknown[FNR] = / 0 /; next } !unknown[FNR]' "$scratch/marked" "$1"; }
        sed 's/^/ /; s/$/ /' "$scratch/ids.thor" > "$scratch/marked"
        known "$scratch/normal.thor" |
            sed "s/^\\($(printf '\342\226\201')\\)*//; s/$(printf '\342\226\201')/ /g" > "$scratch/plain"
        known "$scratch/text2.thor" > "$scratch/known"
        different=$(count_differences "$scratch/plain" "$scratch/known")
        [ "$different" = 0 ] && [ -s "$scratch/known" ] ||
            { echo "$1 on $2: $different lines decode to something else"; failed=1; } ;;
    esac
}

# both NAME "spm_train's options" "ours": a model of either from the same text. All pieces and scores are the same, and both
# programs cut text the same way by them.
both() {
    # shellcheck disable=SC2086 # options are words
    spm_train --input="$scratch/mixed" --hard_vocab_limit=false --minloglevel=2 --num_threads=16 --model_prefix="$scratch/spm-$1" \
              $2 > /dev/null 2>&1 || { echo "spm_train fails: $2"; failed=1; }
    # shellcheck disable=SC2086
    "$thor" vocab train -o "$scratch/thor-$1.model" $3 "$scratch/mixed" 2> "$scratch/said" || { cat "$scratch/said"; failed=1; }
    "$thor" vocab show -m "$scratch/spm-$1.model" > "$scratch/show.spm"
    "$thor" vocab show -m "$scratch/thor-$1.model" > "$scratch/show.thor"
    different=$(count_differences "$scratch/show.spm" "$scratch/show.thor")
    echo "$1: $(wc -l < "$scratch/show.thor") pieces learned, $different differ from spm_train's"
    [ "$different" = 0 ] || failed=1
    for maker in spm thor; do
        compare $maker-$1 unclean
        [ "$4" = less ] || compare $maker-$1 everything
    done
}

cat "$scratch/unclean" "$scratch/train" > "$scratch/all"
if [ "$long" = 1 ]; then awk 'NR % 5 == 0' "$scratch/all" > "$scratch/mixed"; else cp "$scratch/all" "$scratch/mixed"; fi
identity="--normalization_rule_name=identity --character_coverage=1"
spm_size="--vocab_size=$((size + 3))" s="--size $size"
users="--user_defined_symbols=<sep>,xyz,%s --control_symbols=<ctl>"
our_users="--user-symbol <sep> --user-symbol xyz --user-symbol %s --control-symbol <ctl>"
for t in bpe unigram; do
    both $t-identity "--model_type=$t $spm_size $identity" "--type $t $s" all
    both $t-nmt_nfkc "--model_type=$t $spm_size --normalization_rule_name=nmt_nfkc --character_coverage=0.9995" \
         "--type $t $s --normalization nmt_nfkc --character-coverage 0.9995" all
    both $t-bytes "--model_type=$t $spm_size --byte_fallback=true --normalization_rule_name=nfkc --character_coverage=0.99" \
         "--type $t $s --byte-fallback --normalization nfkc --character-coverage 0.99" all
    both $t-suffix "--model_type=$t $spm_size --treat_whitespace_as_suffix=true $identity" "--type $t $s --blank-as-suffix" all
    both $t-users "--model_type=$t --vocab_size=$((size + 4)) $users --normalization_rule_name=nfkc_cf --character_coverage=1" \
         "--type $t $s $our_users --normalization nfkc_cf" less
    [ "$long" = 1 ] || continue
    both $t-digits "--model_type=$t $spm_size --split_digits=true --split_by_number=false --split_by_unicode_script=false $identity" \
         "--type $t $s --split-digits --no-split-by-number --no-split-by-script" less
    both $t-short "--model_type=$t $spm_size --max_sentencepiece_length=5 --normalization_rule_name=nmt_nfkc_cf --character_coverage=1" \
         "--type $t $s --max-piece-length 5 --normalization nmt_nfkc_cf" less
    both $t-blanks "--model_type=$t $spm_size --remove_extra_whitespaces=false --allow_whitespace_only_pieces=true $identity" \
         "--type $t $s --no-remove-extra-blanks --blank-pieces" less
    both $t-sample "--model_type=$t $spm_size --input_sentence_size=9000 --shuffle_input_sentence=true $identity" \
         "--type $t $s --sample 9000" less
    both $t-first "--model_type=$t $spm_size --input_sentence_size=9000 --shuffle_input_sentence=false $identity" \
         "--type $t $s --sample 9000 --sample-first" less
done

# Kinds that thor reads and does not learn, or where spm_train adds sums in another order.
for t in bpe unigram; do
    spm_train --input="$scratch/mixed" --vocab_size=$size --hard_vocab_limit=false --minloglevel=2 --model_type=$t \
              --model_prefix="$scratch/phrases-$t" --split_by_whitespace=false --add_dummy_prefix=false > /dev/null 2>&1 || failed=1
    compare phrases-$t unclean
done
for t in word char; do
    spm_train --input="$scratch/mixed" --vocab_size=$size --hard_vocab_limit=false --minloglevel=2 --model_type=$t \
              --model_prefix="$scratch/$t" > /dev/null 2>&1 || failed=1
    compare $t unclean
done
if [ "$long" = 1 ]; then
    "$thor" vocab train -o "$scratch/large.model" --size $most "$scratch/all" || failed=1
    spm_train --input="$scratch/all" --model_type=bpe --vocab_size=$((most + 3)) $identity --minloglevel=2 \
              --model_prefix="$scratch/large-spm" > /dev/null || failed=1
    "$thor" vocab show -m "$scratch/large.model" > "$scratch/show.thor"
    "$thor" vocab show -m "$scratch/large-spm.model" > "$scratch/show.spm"
    cmp "$scratch/show.spm" "$scratch/show.thor" || failed=1
fi
[ $failed = 0 ] || echo "again: THOR_TEST_LONG=$long THOR_TEXT=${THOR_TEXT:-} THOR=$thor sh tests/learn/sentencepiece.sh"
exit $failed
