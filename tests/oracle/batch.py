"""The form of a batch (thor-model(7), Sequences): ids, tokens of languages, padding, labels.

    source         [CLS] <src> w1 ... wn </s>     [CLS] only where there is a task predictor
    decoder input  </s> <tgt> y1 ... ym
    target         <tgt> y1 ... ym </s>
    ids            <s> <pad> </s> <unk>, pieces, [CLS], a token for each language
"""

from typing import Any

from torch import Tensor

from settings import END, PAD, Settings


def words(row: Tensor) -> list[int]:
    """A row without the padding on its right; padding elsewhere stays and is wrong."""
    ids = row.tolist()
    while ids and ids[-1] == PAD:
        ids.pop()
    return ids


def label(config: dict[str, Any], source: int, target: int) -> int | None:
    """The class of a direction; None for domains, which are data of their own."""
    kind, languages = config["task"]["label"], config["languages"]
    if kind == "source_language":
        return source
    if kind == "target_language":
        return target
    if kind == "pair" and config.get("pairs"):
        return config["pairs"].index(f"{languages[source]}-{languages[target]}")
    return None


def mistakes(settings: Settings, batch: dict[str, Tensor], ids: int) -> list[str]:
    """What is wrong with a batch, a sentence each."""
    languages = len(settings.config["languages"])
    cls, found = ids - languages - 1, []
    for number in range(len(batch["src_tokens"])):
        source, target = int(batch["src_language"][number]), int(batch["tgt_language"][number])
        tokens, decoder_in, decoder_out = (words(batch[name][number]) for name in ("src_tokens", "tgt_in", "tgt_out"))
        front = [cls] * settings.has_predictor + [cls + 1 + source]
        if tokens[:len(front)] != front or tokens[-1] != END:
            found.append(f"sentence {number}: source {tokens} does not stand between {front} and {END}")
        if decoder_in[:2] != [END, cls + 1 + target] or decoder_out != decoder_in[1:] + [END]:
            found.append(f"sentence {number}: target {decoder_in}, {decoder_out}")
        if any(word == PAD or word >= cls for word in tokens[len(front):-1] + decoder_in[2:]):
            found.append(f"sentence {number}: a word is padding or a special id")
        expected = label(settings.config, source, target)
        if settings.has_predictor and expected is not None and int(batch["task_label"][number]) != expected:
            found.append(f"sentence {number}: label {int(batch['task_label'][number])}, expected {expected}")
    return found
