# thor score against sacreBLEU itself: 200 changed pieces of real text in six languages, every tokeniser and smoothing,
# one reference and two, chrF and chrF++, line by line and with confidence intervals. Equal to the sixth digit, or it fails.
#
# Needs THOR_REAL_DATA (the folder with captions/ and multilingual/) and a python3 that can import sacrebleu, from
# SACREBLEU_DIR (a checkout) if that is set. PYTHON names another python3; OUTPUTS and SEED change the number of pieces and
# what is drawn.
set -u
thor=${THOR:-./thor}
data=${THOR_REAL_DATA:-}
outputs=${OUTPUTS:-200} seed=${SEED:-1}
here=${srcdir:-.}/tests/long

[ -n "$data" ] || { echo "skipped: THOR_REAL_DATA names no folder of real text"; exit 77; }
pairs=$data/multilingual/v1.0/supervised
set -- "$pairs/en-zh/opus.en-zh-test.zh" "$pairs/en-zh/opus.en-zh-test.en" "$pairs/bg-en/opus.bg-en-test.bg" \
    "$pairs/de-en/opus.de-en-test.de" "$pairs/en-mr/opus.en-mr-test.mr" "$data/captions/val.cs"
for file; do
    [ -f "$file" ] || { echo "skipped: $file is not there"; exit 77; }
done
if [ -n "${SACREBLEU_DIR:-}" ]; then
    PYTHONPATH=$SACREBLEU_DIR${PYTHONPATH:+:$PYTHONPATH}
    export PYTHONPATH
fi
for python in ${PYTHON:-python3 /usr/bin/python3}; do
    why=$("$python" -c 'import sacrebleu.metrics, regex' 2>&1) && break
    why=$(printf '%s\n' "$why" | tail -n 1)
    case $why in *sacrebleu.version*) why= && break ;; esac
done
[ -z "$why" ] || { echo "skipped: python3 cannot import sacrebleu: $why"; exit 77; }

"$python" "$here/score-sacrebleu.py" "$thor" "$outputs" "$seed" "$@" ||
    { echo "again: THOR=$thor THOR_REAL_DATA=$data OUTPUTS=$outputs SEED=$seed sh $here/score-sacrebleu.sh"; exit 1; }
