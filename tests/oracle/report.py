"""Findings and their table."""

from dataclasses import dataclass

import torch
from torch import Tensor

LIMITS = {"forward": 2e-5, "losses": 2e-5, "gradients": 1e-4, "after": 1e-4, "k.bias": 1e-6}


@dataclass
class Finding:
    """One tensor: its error (largest difference over largest value, or the difference itself), the limit, where."""

    part: str
    name: str
    error: float
    limit: float
    note: str = ""
    judged: bool = True

    @property
    def wrong(self) -> bool:
        return self.judged and not self.error <= self.limit


def place_of(difference: Tensor) -> list[int]:
    """The index of the largest element."""
    flat, index = int(difference.reshape(-1).argmax()), []
    for length in reversed(difference.shape):
        index.append(flat % length)
        flat //= length
    return index[::-1]


def compare(part: str, name: str, ours: Tensor, theirs: Tensor, judged: bool = True) -> Finding:
    """Largest absolute difference over the largest absolute value of either; k.bias, whose gradient is 0 in real
    numbers, by the difference alone."""
    if ours.shape != theirs.shape:
        return Finding(part, name, float("inf"), 0, f"shape {list(theirs.shape)}, expected {list(ours.shape)}")
    if theirs.numel() == 0:
        return Finding(part, name, 0.0, 0)
    ours, theirs = ours.detach().double().cpu(), theirs.double()
    if not torch.isfinite(theirs).all():
        return Finding(part, name, float("inf"), 0, "not finite")
    difference = (ours - theirs).abs()
    index = place_of(difference)
    at = tuple(index)
    note = f"{index} here {ours[at].item():.9g}, there {theirs[at].item():.9g}"
    worst = difference[at].item()
    if name.endswith(".k.bias"):
        return Finding(part, name, worst, LIMITS["k.bias"], note, judged)
    largest = max(ours.abs().max().item(), theirs.abs().max().item())
    return Finding(part, name, worst / largest if largest > 0 else 0.0, LIMITS[part], note, judged)


def worst_of(findings: list[Finding], part: str) -> Finding | None:
    """The one that is furthest from its limit; what is not judged and k.bias only where there is nothing else."""
    those = [finding for finding in findings if finding.part == part]
    return max(those, key=lambda f: (f.wrong, not f.name.endswith(".k.bias"), f.error), default=None)
