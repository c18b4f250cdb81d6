# SentencePiece beside thor on real text (make check-long, with THOR_TEXT naming the folder that shared/data/unpack made):
# vocabularies learned by both, ids, pieces and decoded text line by line, for every kind of model that spm_train makes.
set -u
thor=${THOR:-./thor}
[ "${THOR_TEST_LONG:-}" = 1 ] || { echo "left out: runs under 'make check-long'"; exit 77; }
[ -d "${THOR_TEXT:-}" ] || { echo "left out: THOR_TEXT names no folder of text"; exit 77; }
for program in spm_train spm_encode spm_decode; do
    command -v $program > /dev/null || { echo "left out: no $program here"; exit 77; }
done
scratch=$(mktemp -d ./scratch-sentencepiece-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
failed=0

cat "$THOR_TEXT"/captions/* > "$scratch/captions"
cat "$THOR_TEXT"/multilingual/v1.0/supervised/*/*-dev.* "$THOR_TEXT"/multilingual/v1.0/supervised/*/*-test.* > "$scratch/devtest"
for file in "$THOR_TEXT"/multilingual/v1.0/supervised/*/*-train.*; do
    awk 'NR % 20 == 0 && n < 4000 { n++; print }' "$file"
done > "$scratch/train"

# Lines that try the rules: blanks, characters that change under NFKC, runs, the spellings of pieces, all planes.
awk 'BEGIN {
    srand(7)
    n = split("hello|world|  |   |\t|\302\240|\343\200\200|\342\226\201|\342\226\201\342\226\201|<unk>|<s>|</s>|<sep>|foo<sep>|" \
              "\357\274\222\357\274\220|\342\221\240|\357\254\201|e\314\201|\346\274\242\345\255\227|\343\202\253\343\203\274|" \
              "\330\247\331\204|\342\200\213|\342\200\215|\360\237\230\200|%s|....|aaaaaaaa|--|1234|abc123|<0x41>|\342\201\207|" \
              "\303\237|\304\260|\352\260\200|\340\244\250\340\244\256|\342\200\246|\357\273\277|\342\200\250|\001|\177|xyz ", bit, "|")
    print ""; print " "; print "   "
    for (i = 0; i < 6000; i++) {
        line = ""
        for (j = 1 + int(rand() * 20); j > 0; j--) line = line bit[1 + int(rand() * n)] (rand() < 0.3 ? " " : "")
        print line
    }
}' > "$scratch/unclean"

count_differences() {
    diff "$1" "$2" | grep -c '^<'
}

# compare MODEL TEXT: says how many lines differ in pieces, ids and in the text decoded from either.
compare() {
    model=$scratch/$1.model text=$scratch/$2
    spm_encode --model="$model" < "$text" > "$scratch/pieces.spm"
    "$thor" vocab encode -m "$model" < "$text" > "$scratch/pieces.thor"
    spm_encode --model="$model" --output_format=id < "$text" > "$scratch/ids.spm"
    "$thor" vocab encode -m "$model" --output-format file-ids < "$text" > "$scratch/ids.thor"
    spm_decode --model="$model" < "$scratch/pieces.spm" > "$scratch/text.spm"
    "$thor" vocab decode -m "$model" < "$scratch/pieces.thor" > "$scratch/text.thor"
    spm_decode --model="$model" --input_format=id < "$scratch/ids.spm" > "$scratch/text2.spm"
    "$thor" vocab decode -m "$model" --input-format file-ids < "$scratch/ids.thor" > "$scratch/text2.thor"
    sum=0
    for what in pieces ids text text2; do
        sum=$((sum + $(count_differences "$scratch/$what.spm" "$scratch/$what.thor")))
    done
    lines=$(wc -l < "$scratch/pieces.thor")
    echo "$1 on $2: $lines lines, $sum differences"
    [ $sum = 0 ] && [ "$lines" = "$(wc -l < "$text")" ] && [ "$lines" -gt 0 ] || failed=1
}

# learn NAME "spm_train's options" "ours": vocabularies of both, piece by piece with their scores.
learn() {
    # shellcheck disable=SC2086 # options are words
    spm_train --model_type=bpe --normalization_rule_name=identity --hard_vocab_limit=false --minloglevel=2 \
              --model_prefix="$scratch/spm" $2 > /dev/null || failed=1
    # shellcheck disable=SC2086
    "$thor" vocab train -o "$scratch/$1.model" $3 || failed=1
    "$thor" vocab show -m "$scratch/spm.model" > "$scratch/show.spm"
    "$thor" vocab show -m "$scratch/$1.model" > "$scratch/show.thor"
    different=$(count_differences "$scratch/show.spm" "$scratch/show.thor")
    echo "$1: $(wc -l < "$scratch/show.thor") pieces learned, $different differ from spm_train's"
    [ "$different" = 0 ] || failed=1
}

# foreign NAME OPTION ...: a model of spm_train's.
foreign() {
    name=$1
    shift
    spm_train --input="$scratch/mixed" --vocab_size=9000 --hard_vocab_limit=false --minloglevel=2 --num_threads=2 \
              --model_prefix="$scratch/$name" "$@" > /dev/null || failed=1
    compare "$name" devtest
    compare "$name" unclean
}

cat "$scratch/unclean" "$scratch/train" > "$scratch/all"
awk 'NR % 5 == 0' "$scratch/all" > "$scratch/mixed"
learn captions "--input=$scratch/captions --vocab_size=8003 --character_coverage=1" "--size 8000 $scratch/captions"
learn multilingual "--input=$scratch/all --vocab_size=16003 --character_coverage=1" "--size 16000 $scratch/all"
learn covered "--input=$scratch/all --vocab_size=12003 --character_coverage=0.9995 --split_by_number=false" \
      "--size 12000 --character-coverage 0.9995 --no-split-by-number $scratch/all"
for ours in captions multilingual covered; do
    compare $ours captions
    compare $ours devtest
    compare $ours unclean
done
users='--user_defined_symbols=<sep>,xyz,%s --control_symbols=<ctl>'
# shellcheck disable=SC2086
foreign bpe-nmt_nfkc --model_type=bpe $users
foreign bpe-bytes --model_type=bpe --byte_fallback=true --normalization_rule_name=nfkc --character_coverage=0.99
foreign bpe-suffix --model_type=bpe --treat_whitespace_as_suffix=true --normalization_rule_name=nmt_nfkc_cf
foreign bpe-blanks --model_type=bpe --remove_extra_whitespaces=false --allow_whitespace_only_pieces=true \
        --normalization_rule_name=identity
foreign bpe-phrases --model_type=bpe --split_by_whitespace=false --add_dummy_prefix=false --split_digits=true
foreign unigram-nmt_nfkc --model_type=unigram
# shellcheck disable=SC2086
foreign unigram-bytes --model_type=unigram --byte_fallback=true --character_coverage=0.99 $users
foreign unigram-identity --model_type=unigram --normalization_rule_name=identity --character_coverage=0.99
foreign unigram-suffix --model_type=unigram --treat_whitespace_as_suffix=true --normalization_rule_name=nfkc_cf
foreign unigram-phrases --model_type=unigram --remove_extra_whitespaces=false --add_dummy_prefix=false --split_by_whitespace=false
foreign word --model_type=word
foreign char --model_type=char
[ $failed = 0 ] || echo "again: THOR_TEST_LONG=1 THOR_TEXT=$THOR_TEXT THOR=$thor sh tests/text/sentencepiece.sh"
exit $failed
