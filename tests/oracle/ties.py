"""Near ties of relu. Where W1 x + b1 is within rounding of 0, binary32 and float64 may find different signs; the value
hardly differs, but the derivative is 0 or 1, and with it a whole row of the gradient of W1. As with the selections of a
router, the folder's way is then taken: it shows in the row of that unit, which no other unit writes.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

NEAR = 1e-5             # of pre-activations, which are of size 1
TELLING = 0.25          # a row is off where it differs by this share of the limit
ROUNDS = 6


@dataclass(frozen=True)
class Tie:
    """Unit `unit` of the layer whose weight is `layer`.weight (`expert` is () or its number), at place `row` of step
    `update`."""

    update: int
    layer: str
    expert: tuple[int, ...]
    row: tuple[int, ...]
    unit: int

    def difference(self, ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
        """Of the unit's weights and bias: largest difference over the tensor's largest value."""
        worst = 0.0
        for name in (self.layer + ".weight", self.layer + ".bias"):
            if name in ours and name in theirs and ours[name].shape == theirs[name].shape:
                place = (*self.expert, self.unit)
                off = (ours[name].detach()[place] - theirs[name][place].double()).abs().max().item()
                worst = max(worst, off / max(theirs[name].abs().max().item(), 1e-30))
        return worst

    def __str__(self) -> str:
        expert = "".join(f" of expert {number}" for number in self.expert)
        return f"{self.layer}: unit {self.unit}{expert} at row {list(self.row)} of step {self.update + 1}"


@dataclass
class Ties:
    """The near ties of all steps, and which of them are taken the other way."""

    flipped: dict[Tie, float] = field(default_factory=dict)     # with its row's difference before
    refused: set[Tie] = field(default_factory=set)              # it did not help
    near: dict[Tie, float] = field(default_factory=dict)        # with the pre-activation

    def relu(self, update: int, layer: str, expert: tuple[int, ...], x: Tensor) -> Tensor:
        """max(x, 0) with the derivative of the other side where a tie is flipped; x is [..., units]."""
        positive = x.detach() > 0
        for place in (x.detach().abs() <= NEAR).nonzero().tolist():
            tie = Tie(update, layer, expert, tuple(place[:-1]), place[-1])
            self.near[tie] = x[tuple(place)].item()
            if tie in self.flipped:
                positive[tuple(place)] = not positive[tuple(place)]
        return torch.where(positive, x, torch.zeros((), dtype=x.dtype))

    def revise(self, limit: float, gradients: tuple[dict[str, Tensor], dict[str, Tensor]],
               after: tuple[dict[str, Tensor], dict[str, Tensor]]) -> bool:
        """Takes back what did not help and flips the nearest tie of every row that is off. False when nothing is left
        to try. Each pair is ours and the folder's."""
        def off(tie: Tie) -> float:
            first = tie.difference(*gradients) if tie.update == 0 else 0.0
            return max(first, tie.difference(*after))

        useless = {tie for tie, before in self.flipped.items() if off(tie) > before / 2}
        self.refused |= useless
        self.flipped = {tie: before for tie, before in self.flipped.items() if tie not in useless}
        taken = set()
        for tie in sorted(self.near, key=lambda tie: abs(self.near[tie])):
            row = (tie.layer, tie.expert, tie.unit)
            if tie in self.refused or tie in self.flipped or row in taken:
                continue
            if (difference := off(tie)) > TELLING * limit:
                self.flipped[tie] = difference
                taken.add(row)
        return bool(taken or useless)

    def __str__(self) -> str:
        return "".join(f"\n    relu tie, taken as in the folder: {tie}" for tie in self.flipped)
