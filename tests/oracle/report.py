"""Findings and their tables; as a program, the table of the worst in a file of rows that check.py wrote."""

import sys
from dataclasses import dataclass

import torch
from torch import Tensor

LIMITS = {"initial": 1e-7, "forward": 2e-5, "losses": 2e-5, "gradients": 1e-4, "after": 1e-4}
# Gradients that are 0 in real numbers: this model has float64's rounding errors there, another one its own.
ZERO, ABSOLUTE_LIMIT = 1e-13, 1e-6

PARTS = ("batch", "initial", "masks", "selections", "forward", "losses", "gradients", "after")


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
    """Largest absolute difference over the largest absolute value of either. Where the gradient is 0 in real numbers,
    as that of k.bias always is, the difference alone."""
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
    largest = max(ours.abs().max().item(), theirs.abs().max().item())
    if name.endswith(".k.bias") or part == "gradients" and ours.abs().max().item() < ZERO:
        return Finding(part, name, worst, ABSOLUTE_LIMIT, note + "; absolute", judged)
    return Finding(part, name, worst / largest if largest > 0 else 0.0, LIMITS[part], note, judged)


def worst_of(findings: list[Finding], part: str) -> Finding | None:
    """The one with the largest error, wrong ones first; absolute errors only where there is nothing else."""
    those = [finding for finding in findings if finding.part == part]
    return max(those, key=lambda f: (f.wrong, not f.note.endswith("absolute"), f.error), default=None)


def append_rows(path: str, folder: str, findings: list[Finding]) -> None:
    """A line for each part: folder, part, comparisons, near ties, error, limit, judged, tensor."""
    with open(path, "a", encoding="utf-8") as file:
        for part in PARTS:
            worst = worst_of(findings, part)
            if worst is not None:
                count = sum(f.part == part for f in findings)
                ties = sum(f.part == part == "selections" and f.note != "" for f in findings)
                row = (folder, part, count, ties, worst.error, worst.limit, worst.judged, worst.name)
                print(*row, sep="\t", file=file)


def scale_of(folder: str) -> str:
    """Folders are called SYSTEM.SCALE… or choice.NAME."""
    words = folder.split(".")
    return words[1] if words[1:2] and words[1] in ("small", "base") else "tiny"


def main() -> int:
    """report.py ROWS: for each scale and part how many folders and comparisons, and the worst of those judged."""
    with open(sys.argv[1], encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    print(f"{'scale':6} {'part':10} {'folders':>7} {'comparisons':>11} {'ties':>5} {'worst':>9} {'limit':>7}  where")
    for scale in ("tiny", "small", "base"):
        for part in PARTS:
            those = [row for row in rows if row[1] == part and scale_of(row[0]) == scale and row[6] == "True"]
            if those:
                worst = max(those, key=lambda row: float(row[4]))
                print(f"{scale:6} {part:10} {len(those):7} {sum(int(row[2]) for row in those):11} "
                      f"{sum(int(row[3]) for row in those):5} {float(worst[4]):9.2e} {float(worst[5]):7.0e}  "
                      f"{worst[0]} {worst[7]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
