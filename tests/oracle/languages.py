"""What lingual-moe knows of languages: their vectors, families, difficulty classes, and the loss over families."""

import math

import torch
from torch import Tensor

from step import Step, binary32, wide

# The groups of thor-score(1); English, and a language of none of them, count as high.
CLASSES = ("high", "medium", "low")
MEDIUM = ("rw", "as", "nb", "ga")
LOW = ("se", "mr", "fy")
MARGIN = binary32(0.1)


def difficulty(code: str) -> int:
    """The place of a language's class in CLASSES and in lingual.sizes."""
    return 1 if code in MEDIUM else 2 if code in LOW else 0


def group_sizes(step: Step) -> Tensor:
    """C of every language, [languages]: the size of its class where groups grow."""
    sizes = step.settings.sizes
    languages = step.settings.config["languages"]
    return torch.tensor([sizes[difficulty(code)] for code in languages], device=step.batch["tgt_language"].device)


def vectors(step: Step) -> Tensor:
    """t = LN(W2 gelu(W1 e + b1) + b2) of every language, [languages,d]; gelu(x) = x 0.5 (1 + erf(x / sqrt 2))."""
    hidden = step.linear("language.fc1", step["language.embedding.weight"])
    hidden = hidden * 0.5 * (1 + torch.erf(hidden / binary32(math.sqrt(2))))
    return step.layer_norm("language.norm", step.linear("language.fc2", hidden))


def families(languages: list[str], lines: list[str]) -> list[int]:
    """The family of each language, from lines such as "germanic en de fy nb"; a language of none is its own."""
    known = {code: number for number, line in enumerate(lines) for code in line.split()[1:]}
    return [known.get(code, len(lines) + number) for number, code in enumerate(languages)]


def add_family(step: Step, name: str, t: Tensor) -> None:
    """l = W_t t;  v = l / |l|;  s = v v^T;  mean of 1 - s over counted positives plus mean of s over counted negatives.
    """
    lingual = step.settings.config["lingual"]
    if not lingual["family_loss"]:
        return
    z = wide(step.linear(f"{name}.task_router", t))
    length = z.norm(dim=-1, keepdim=True)
    v = torch.where(length > 0, z / torch.where(length > 0, length, torch.ones_like(length)), torch.zeros_like(z))
    s = v @ v.T
    number = torch.tensor(families(step.settings.config["languages"], lingual["families"]), device=z.device)
    positive, negative = counted_pairs(step, f"{name}.task_router", s.detach(), number)
    if step.fault == "family-once":
        positive, negative = positive.triu(), negative.triu()
    step.add_term("family", mean_of(1 - s, positive) + mean_of(s, negative))


def counted_pairs(step: Step, layer: str, s: Tensor, family: Tensor) -> tuple[Tensor, Tensor]:
    """Which pairs (a, j) count: positives of one family where s_aj - 0.1 is below the largest s of a to another family
    and s_aj < 1, negatives of two where s_aj + 0.1 is above the smallest s of a within its family and s_aj > 0. Anchors
    have languages of both kinds."""
    same = family[:, None] == family
    own, others = same & ~torch.eye(len(family), dtype=torch.bool, device=s.device), ~same
    anchor = (own.any(1) & others.any(1))[:, None]

    def margins(s: Tensor) -> tuple[Tensor, Tensor]:
        farthest = s.masked_fill(~own, math.inf).amin(1, keepdim=True)
        nearest = s.masked_fill(~others, -math.inf).amax(1, keepdim=True)
        margin = torch.tensor(MARGIN, dtype=s.dtype, device=s.device)
        return torch.minimum(nearest - (s - margin), 1 - s), torch.minimum((s + margin) - farthest, s)

    def pairs(kind: str, candidates: Tensor, stored: Tensor, exact: Tensor) -> Tensor:
        counted = stored > 0
        if step.ties is not None:
            counted = step.ties.threshold(step.update, kind, layer, counted, exact.masked_fill(~candidates, math.inf))
        return counted & candidates

    stored, exact = margins(s.float()), margins(s)
    return (pairs("positive", own & anchor, stored[0], exact[0]),
            pairs("negative", others & anchor, stored[1], exact[1]))


def mean_of(x: Tensor, pairs: Tensor) -> Tensor:
    """The mean over these pairs; 0 where there are none."""
    return torch.where(pairs, x, torch.zeros_like(x)).sum() / max(1, int(pairs.sum()))
