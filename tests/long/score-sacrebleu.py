"""Compares `thor score` with sacreBLEU on perturbed real text.

usage: score-sacrebleu.py THOR OUTPUTS SEED FILE ...

Each of OUTPUTS system outputs is a piece of one of the files (one language each, in turn) with words and characters
changed; it is scored with every tokeniser, smoothing, one reference and two, and with chrF and chrF++, and compared with
another system by the paired bootstrap. What is printed, signature included, has to be the same. Prints the number of comparisons; exits 1 at the first difference.
"""
import importlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import types

try:
    importlib.import_module("sacrebleu.version")
except ImportError:                     # a checkout that was never installed
    version = types.ModuleType("sacrebleu.version")
    version.__version__ = "2.6.0"
    sys.modules["sacrebleu.version"] = version

from sacrebleu.metrics import BLEU, CHRF  # noqa: E402

ODD = ["...", "3.14", "1,000", "7-8", "a-b", "&quot;", "&amp;lt;", "<skipped>", "x.", ",y", "$5", "50%", "“so”",
       "—", "naïve", "ΟΔΟΣ", "İstanbul", "ß", "。", "，", "你好", "𠀀", "ﬁ", "½", "²", "€", "→", "\u00a0", "\u200b",
       "e\u0301", "नमस्ते", "(hi)", "'s", "!!", "?", "#1", "_", "@", "a/b", "\\", "١٢", "٫", "１２", "．", "😀",
       "\ufeff", "AΣ.", "\u2028"]


def perturb(line, rng, pool, strength):
    words = line.split(" ")
    for _ in range(int(len(words) * strength) + (rng.random() < strength)):
        at = rng.randrange(len(words)) if words else 0
        change = rng.randrange(8)
        if change == 0 and len(words) > 1:
            del words[at]
        elif change == 1:
            words.insert(at, rng.choice(ODD))
        elif change == 2 and words:
            words[at] = words[at].swapcase()
        elif change == 3 and len(words) > 1:
            other = rng.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        elif change == 4 and words and words[at]:
            place = rng.randrange(len(words[at]))
            words[at] = words[at][:place] + rng.choice(".,-!?'\"0aé中") + words[at][place:]
        elif change == 5 and words:
            words[at:at + 1] = [words[at], words[at]]
        elif words:
            words[at] = rng.choice(rng.choice(pool).split(" "))
    return " ".join(words)


def system_output(lines, rng):
    strength = rng.choice([0, 0.02, 0.1, 0.3, 0.7, 1.5])
    out = [perturb(line, rng, lines, strength) for line in lines]
    for i in range(len(out)):
        if rng.random() < 0.02:
            out[i] = ""
        elif rng.random() < 0.02:
            out[i] = rng.choice(lines)
        elif rng.random() < 0.05:
            out[i] = rng.choice([" ", "\u3000", "\u2001"]) + out[i]
    return [line.replace("\n", " ").rstrip() for line in out]


class Comparison:
    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, folder, 0

    def write(self, name, lines):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write("".join(line + "\n" for line in lines))
        return path

    def thor(self, references, hypotheses, options):
        command = [self.program, "score", *references, "-i", hypotheses, "--force", "--width=6", *options]
        run = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        return " ".join(command), [re.sub(r"\|thor:[^ ]+", "", line) for line in run.stdout.decode().split("\n")[:-1]]

    def same(self, command, found, expected):
        self.count += len(expected)
        if found == expected:
            return
        for ours, theirs in zip(found + [""] * len(expected), expected):
            if ours != theirs:
                print(f"DIFFERENT: {command}\n  thor      {ours}\n  sacreBLEU {theirs}")
        sys.exit(1)


def main():
    program, outputs, seed, paths = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    rng = random.Random(seed)
    corpora = [[line.rstrip() for line in open(path, encoding="utf-8", newline="\n")] for path in paths]
    with tempfile.TemporaryDirectory() as folder:
        check = Comparison(program, folder)
        for number in range(outputs):
            lines = corpora[number % len(corpora)]
            first, length = rng.randrange(len(lines)), rng.choice([1, 2, 5, 20, 60, 100])
            reference = lines[first:first + length]
            hypotheses, second = system_output(reference, rng), system_output(reference, rng)
            names = [check.write("ref", reference), check.write("ref2", second)]
            hypothesis_file = check.write("hyp", hypotheses)
            for count in (1, 2):
                streams, files = [reference, second][:count], names[:count]
                compare_all(check, rng, hypotheses, streams, hypothesis_file, files)
        print(f"{outputs} outputs of {len(paths)} files, {check.count} scores: 0 differences")


def compare_all(check, rng, hypotheses, streams, hypothesis_file, files):
    for tokenizer in ("13a", "zh", "none", "intl", "char"):
        for smooth in ("exp", "floor", "add-k", "none"):
            lowercase = rng.random() < 0.3
            value = rng.choice([None, 0.25, 2.0]) if smooth in ("floor", "add-k") else None
            metric = BLEU(tokenize=tokenizer, smooth_method=smooth, smooth_value=value, lowercase=lowercase, force=True)
            options = [f"--tokenize={tokenizer}", f"--smooth-method={smooth}"] + ["--lowercase"] * lowercase
            options += [f"--smooth-value={value}"] if value is not None else []
            score = metric.corpus_score(hypotheses, streams)
            expected = [score.format(6, False, str(metric.get_signature()))]
            check.same(*check.thor(files, hypothesis_file, options), expected)
    for word_order in (0, 2):
        flags = [rng.random() < 0.3 for _ in range(3)]
        beta, order = rng.choice([1, 2, 3]), rng.choice([6, 6, 4, 1])
        metric = CHRF(char_order=order, word_order=word_order, beta=beta, lowercase=flags[0], whitespace=flags[1],
                      eps_smoothing=flags[2])
        options = ["--metrics=chrf", f"--chrf-word-order={word_order}", f"--chrf-beta={beta}",
                   f"--chrf-char-order={order}"]
        names = ["--chrf-lowercase", "--chrf-whitespace", "--chrf-eps-smoothing"]
        options += [name for flag, name in zip(flags, names) if flag]
        score = metric.corpus_score(hypotheses, streams)
        check.same(*check.thor(files, hypothesis_file, options), [score.format(6, False, str(metric.get_signature()))])
    compare_rest(check, rng, hypotheses, streams, hypothesis_file, files)


def compare_rest(check, rng, hypotheses, streams, hypothesis_file, files):
    """Line by line, and confidence intervals (they need numpy)."""
    tokenizer = rng.choice(["13a", "zh", "intl", "char"])
    metric = BLEU(tokenize=tokenizer, effective_order=True, force=True)
    expected = []
    for hypothesis, *references in zip(hypotheses, *streams):
        score = metric.sentence_score(hypothesis, references)
        expected.append(score.format(6, False, str(metric.get_signature())))
    check.same(*check.thor(files, hypothesis_file, ["--sentence-level", f"--tokenize={tokenizer}"]), expected)
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        return
    # numpy 2 rounds to float32 between the sums and the score, which is seen from the sixth digit on
    width = 6 if numpy.__version__.startswith("1.") else 2
    samples = rng.choice([2, 39, 100])
    for metric, options in ((BLEU(tokenize=tokenizer, force=True), [f"--tokenize={tokenizer}"]),
                            (CHRF(word_order=2), ["--metrics=chrf", "--chrf-word-order=2"])):
        score = metric.corpus_score(hypotheses, streams, n_bootstrap=samples)
        expected = [score.format(width, False, str(metric.get_signature()))]
        options += ["--confidence", f"--confidence-n={samples}", f"--width={width}"]
        found = check.thor(files, hypothesis_file, options)
        check.same(*found, expected)
    compare_pair(check, rng, hypotheses, streams, hypothesis_file, files, tokenizer)


def compare_pair(check, rng, hypotheses, streams, hypothesis_file, files, tokenizer):
    """Two systems: score, mean, interval and p-value of the paired bootstrap, and the signatures."""
    significance = importlib.import_module("sacrebleu.significance")
    other = system_output(hypotheses, rng)
    other_file = check.write("other", other)
    metrics = {"BLEU": BLEU(tokenize=tokenizer, force=True, references=streams),
               "chrF2++": CHRF(word_order=2, references=streams)}
    samples = rng.choice([2, 40, 100])
    test = significance.PairedTest([(hypothesis_file, hypotheses), (other_file, other)], metrics, None, "bs", samples)
    signatures, scores = test()
    options = ["--metrics=bleu,chrf", "--chrf-word-order=2", f"--tokenize={tokenizer}", "--paired-bs",
               f"--paired-bs-n={samples}"]
    command, lines = check.thor(files, hypothesis_file, ["-i", other_file, *options, "--format=json"])
    found = json.loads("\n".join(lines))
    exact = importlib.import_module("numpy").__version__.startswith("1.")
    for place, system in enumerate(found):
        for name in metrics:
            theirs, ours = scores[name][place], system[name]
            for key, ours_key in (("score", "score"), ("p_value", "p_value"), ("mean", "mean"), ("ci", "ci")):
                expected, value = getattr(theirs, key), ours[ours_key]
                digits = 2 if not exact and key != "score" else 6
                text = ["none" if number is None else f"{number:.{digits}f}" for number in (value, expected)]
                check.same(f"{command}: {name} {key}", text[:1], text[1:])
    command, lines = check.thor(files, hypothesis_file, ["-i", other_file, *options])
    expected = [f"{name}|{signatures[name]}" for name in metrics]
    check.same(command, [line for line in lines if "|nrefs:" in line], expected)


if __name__ == "__main__":
    main()
