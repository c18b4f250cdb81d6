#!/bin/sh
# The demo: from sentences to a THOR-MoE model that translates between eight languages, in minutes on two cores. Started by
# `make demo`; thor-demo(7) explains it. Run again it goes on where it was, or shows its results once more.
#
# THOR, COMPOSE: the programs; srcdir: the top of the sources; DEMO: the folder to work in [demo]; DEMO_MINUTES: for training.
set -u
export LC_ALL=C
thor=${THOR:-./thor}
compose=${COMPOSE:-data/phrasebook/compose}
book=${srcdir:-.}/data/phrasebook
demo=${DEMO:-demo}
minutes=${DEMO_MINUTES:-6}
updates=${DEMO_UPDATES:-2000}
pairs='bg-en de-en en-eu en-fr en-mr en-pt en-zh'

# Threads that wait should sleep: on a busy machine spinning ones hold up those that work.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"

heading() { printf '\n== %s\n\n' "$*"; }
stopped() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }

# Shows a command as somebody would type it, and runs it.
show() { printf '$ %s\n' "$*"; }
run() { show "$@"; "$@" || stopped "that failed; its reason stands above. To start anew: rm -r $demo"; }

# The two directions of a pair: "de en" and "en de".
directions() { printf '%s %s\n%s %s\n' "${1%-*}" "${1#*-}" "${1#*-}" "${1%-*}"; }

compose_sentences() {
    heading '1. The sentences: a phrasebook in eight languages'
    if [ -d "$demo/corpus" ]; then
        echo "$demo/corpus exists already."
    else
        rm -rf "$demo/corpus.part"
        show "$compose" -o "$demo/corpus" "$book/frames.txt" "$book/lexicon.txt"
        "$compose" -o "$demo/corpus.part" "$book/frames.txt" "$book/lexicon.txt" > "$demo/corpus.log" 2>&1 ||
            { cat "$demo/corpus.log" >&2; stopped 'the phrasebook could not be composed'; }
        mv "$demo/corpus.part" "$demo/corpus" || stopped "$demo cannot be written"
    fi
    echo
    for code in en de fr pt eu bg zh mr; do
        pair=$(for p in $pairs; do case $p in *$code*) echo "$p" ;; esac; done | head -n 1)
        printf '  %s  %s\n' "$code" "$(sed -n 3p "$demo/corpus/$pair/opus.$pair-train.$code")"
    done
    echo
    echo '3,000 sentences to learn from, 150 to watch the training by, 200 held out for the end:'
    echo 'the model never sees those. It learns all 14 directions from and into English at once.'
}

prepare_data() {
    heading '2. From text to numbers: pieces of words'
    if [ -d "$demo/data" ]; then
        echo "$demo/data exists already."
        return
    fi
    # shellcheck disable=SC2046 # one file for each language
    run "$thor" vocab train --size 3000 -o "$demo/vocab.model" "$demo/corpus/de-en/opus.de-en-train.en" \
        $(for p in $pairs; do for l in ${p%-*} ${p#*-}; do [ $l = en ] || echo "$demo/corpus/$p/opus.$p-train.$l"; done; done)
    set -- prepare "$demo/corpus" --vocab "$demo/vocab.model" -o "$demo/data" --quiet
    show "$thor" "$@"
    "$thor" "$@" > "$demo/prepare.log" || stopped "the corpus could not be prepared. To start anew: rm -r $demo"
    printf '\nA sentence becomes pieces (▁ stands for a blank):\n\n'
    sed -n 3p "$demo/corpus/de-en/opus.de-en-train.de" | "$thor" vocab encode -m "$demo/vocab.model" | sed 's/^/  /'
}

train_model() {
    heading "3. Training: at most $minutes minutes"
    if [ -f "$demo/trained" ]; then
        echo "$demo/run is trained already. To start anew: rm -r $demo"
        return
    fi
    echo 'Two stacks of three layers; in the middle of each eight experts, of which every word uses two.'
    echo 'Loss and perplexity (ppl) say how unsure the model is of the next piece: 1.0 would be certain.'
    echo
    set -- train --recipe thor-top2 --scale small --data "$demo/data" -o "$demo/run" --set model.width=128 \
        --set model.ffn_width=512 --set task.candidates=4 --set batch.max_tokens=1024 --set optimizer.lr=3e-3 \
        --set schedule.warmup=200 --set schedule.updates="$updates" --max-time "${minutes}m" --validate-every 250 --save-every 250
    if [ -d "$demo/run/last" ]; then
        set -- "$@" --resume
    elif [ -d "$demo/run" ]; then
        set -- "$@" --overwrite
    fi
    show "$thor" "$@"
    "$thor" "$@" || stopped "training ended early. Run the demo again to go on; to start anew: rm -r $demo"
    : > "$demo/trained"
}

# Held-out sentences, all directions, one command for each; the first is shown.
translate_held_out() {
    heading '4. Translating the 200 held-out sentences, 14 directions'
    mkdir -p "$demo/test" || stopped "$demo cannot be written"
    : > "$demo/test/table"
    first=yes
    for pair in $pairs; do
        directions "$pair" | {
            while read -r from to; do
                set -- translate -q -m "$demo/run" --from "$from" --to "$to" -i "$demo/corpus/$pair/opus.$pair-test.$from" \
                    -o "$demo/test/$from-$to"
                if [ $first = yes ]; then
                    show "$thor" "$@"
                    printf '  … and so on:'
                    first=no
                fi
                printf ' %s-%s' "$from" "$to"
                "$thor" "$@" || exit 1
                printf '%s-%s\t%s\t%s\n' "$from" "$to" "$demo/test/$from-$to" \
                    "$demo/corpus/$pair/opus.$pair-test.$to" >> "$demo/test/table"
            done
        } || stopped 'a translation failed; its reason stands above'
        first=no
    done
    echo
}

# Two sentences of each direction: the same lines in every run, other ones in each direction.
show_examples() {
    printf '\nEach time: the sentence, its translation, and the reference where that is another.\n'
    number=0
    for pair in $pairs; do
        for order in 1 2; do
            direction=$(directions "$pair" | sed -n ${order}p)
            from=${direction% *} to=${direction#* }
            printf '\n  %s to %s\n' "$from" "$to"
            for step in 0 1; do
                line=$((1 + (7 + 29 * number + 101 * step) % 200))
                source=$(sed -n ${line}p "$demo/corpus/$pair/opus.$pair-test.$from")
                ours=$(sed -n ${line}p "$demo/test/$from-$to")
                reference=$(sed -n ${line}p "$demo/corpus/$pair/opus.$pair-test.$to")
                printf '    %s\n      → %s\n' "$source" "$ours"
                [ "$ours" = "$reference" ] || printf '      ≠ %s\n' "$reference"
            done
            number=$((number + 1))
        done
    done
}

score_translations() {
    heading '5. How good is it? BLEU against the references, 0 to 100'
    run "$thor" score --table "$demo/test/table"
}

explain_experts() {
    heading '6. What the experts specialised in'
    run "$thor" inspect -m "$demo/run" --data "$demo/data" --svg "$demo/run/experts.svg"
    echo
    run "$thor" inspect --losses "$demo/run" --svg "$demo/run/losses.svg"
}

finish() {
    heading "Done, after $(($(date +%s) - began)) seconds"
    cat <<END
  $demo/run/losses.svg         the losses of the training, drawn
  $demo/run/experts.svg        which language uses which expert, drawn
  $demo/run/metrics.jsonl      every update in numbers
  $demo/run/best, last         the model, for thor translate and thor inspect
  $demo/test                   the translations

Try a sentence of your own, with words such as those above:

  echo 'My sister has a black cat.' | $thor translate -m $demo/run --from en --to fr

Run again, the demo shows this once more; rm -r $demo starts anew. man thor-demo explains it.
END
}

began=$(date +%s)
mkdir -p "$demo" || stopped "$demo cannot be made"
echo 'This demo trains a small THOR-MoE model and shows what it learnt. Lines with $ are commands that you can repeat.'
compose_sentences
prepare_data
train_model
translate_held_out
show_examples
score_translations
explain_experts
finish
