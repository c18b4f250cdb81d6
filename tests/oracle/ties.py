"""Near ties of relu, of max pooling, of the family loss and of later selections. Where W1 x + b1 is within rounding of 0, binary32 and
float64 may find different signs, and where two rows of a sentence are within rounding of each other, different largest
ones; the value hardly differs, but the derivative is 0 or 1, and with it a whole row of the gradient of W1, or of the
W2 below the pool. As with the selections of a router, the folder's way is then taken: it shows in the row of that unit,
which no other unit writes. A pair of languages that nearly ties with its threshold counts or does not, and moves the
whole language router. The folder has the selections of its first step only; in a later one a row whose last expert
nearly ties with the next is tried with the other, and moves the router.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

NEAR = 1e-5             # of pre-activations and of differences, which are of size 1
TELLING = 0.25          # a row is off where it differs by this share of the limit
ROUNDS = 12


@dataclass(frozen=True)
class Tie:
    """Unit `unit` of the layer whose weight is `layer`.weight (`expert` is () or its number), at place `row` of step
    `update`; for the pool `row` is the sentence, for a pair of languages the anchor and `unit` the other, for a
    selection `unit` is the expert that is selected."""

    kind: str               # "relu", "max", "positive", "negative" or "selection"
    update: int
    layer: str
    expert: tuple[int, ...]
    row: tuple[int, ...]
    unit: int

    @property
    def of_unit(self) -> bool:
        """Whether it touches the weights of one unit, or all of the layer's."""
        return self.kind in ("relu", "max")

    def difference(self, ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> float:
        """Largest difference of the unit's weights and bias, for a pair of all weights, over the largest value."""
        worst = 0.0
        for name in (self.layer + ".weight", self.layer + ".bias"):
            if name in ours and name in theirs and ours[name].shape == theirs[name].shape:
                place = (*self.expert, self.unit) if self.of_unit else ()
                off = (ours[name].detach()[place] - theirs[name][place].double()).abs().max().item()
                worst = max(worst, off / max(theirs[name].abs().max().item(), 1e-30))
        return worst

    def __str__(self) -> str:
        expert = "".join(f" of expert {number}" for number in self.expert)
        return f"{self.kind} over {self.layer}: unit {self.unit}{expert} at row {list(self.row)} of step {self.update + 1}"


@dataclass
class Ties:
    """The near ties of all steps, and which of them are taken the other way."""

    flipped: dict[Tie, float] = field(default_factory=dict)     # with its row's difference before
    refused: set[Tie] = field(default_factory=set)              # it did not help
    near: dict[Tie, float] = field(default_factory=dict)        # with what is near 0

    def relu(self, update: int, layer: str, expert: tuple[int, ...], x: Tensor) -> Tensor:
        """max(x, 0) with the derivative of the other side where a tie is flipped; x is [..., units]."""
        positive = x.detach() > 0
        for place in (x.detach().abs() <= NEAR).nonzero().tolist():
            tie = Tie("relu", update, layer, expert, tuple(place[:-1]), place[-1])
            self.near[tie] = x[tuple(place)].item()
            if tie in self.flipped:
                positive[tuple(place)] = not positive[tuple(place)]
        return torch.where(positive, x, torch.zeros((), dtype=x.dtype))

    def largest(self, update: int, layer: str, values: Tensor, first: Tensor) -> Tensor:
        """The rows `first` [B,1,d] of the largest of values [B,L,d], with the next one where a tie is flipped."""
        if values.shape[1] < 2:
            return first
        first, (value, index) = first.clone(), values.topk(2, dim=1)
        gap = value[:, 0] - value[:, 1]             # nan where both are padding
        for sentence, unit in (gap <= NEAR).nonzero().tolist():
            tie = Tie("max", update, layer, (), (sentence,), unit)
            self.near[tie] = gap[sentence, unit].item()
            if tie in self.flipped:
                two = index[sentence, :, unit]
                first[sentence, 0, unit] = two[two != first[sentence, 0, unit]][0]
        return first

    def threshold(self, update: int, kind: str, layer: str, counted: Tensor, margin: Tensor) -> Tensor:
        """`counted` [a,j] with pairs the other way whose tie is flipped; margin is by how much a pair counts."""
        counted = counted.clone()
        for anchor, other in (margin.abs() <= NEAR).nonzero().tolist():
            tie = Tie(kind, update, layer, (), (anchor,), other)
            self.near[tie] = margin[anchor, other].item()
            if tie in self.flipped:
                counted[anchor, other] = not counted[anchor, other]
        return counted

    def selection(self, update: int, layer: str, probs: Tensor, selected: Tensor) -> Tensor:
        """`selected` [B,L,E] with the next expert in place of the last one in rows whose tie is flipped; probs are 0
        where an expert is no candidate."""
        selected, probs = selected.clone(), probs.detach()
        last, out = probs.masked_fill(~selected, torch.inf).min(-1)
        following, enters = probs.masked_fill(selected, 0).max(-1)
        gap = torch.where((following > 0) & selected.any(-1), last - following, torch.inf)
        for place in (gap <= NEAR).nonzero().tolist():
            at = tuple(place)
            tie = Tie("selection", update, layer, (), at, int(out[at]))
            self.near[tie] = gap[at].item()
            if tie in self.flipped:
                selected[at][out[at]], selected[at][enters[at]] = False, True
        return selected

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
        taken, selections = set(), False
        for tie in sorted(self.near, key=lambda tie: (tie.kind != "selection", abs(self.near[tie]))):
            if tie.kind != "selection" and selections:
                break       # everything behind a selection moves with it, so it is tried alone
            row = (tie.layer, tie.expert, tie.unit if tie.of_unit else -1)
            if tie in self.refused or tie in self.flipped or row in taken:
                continue
            if (difference := off(tie)) > TELLING * limit:
                self.flipped[tie] = difference
                taken.add(row)
                selections |= tie.kind == "selection"
        return bool(taken or useless)

    def __str__(self) -> str:
        return "".join(f"\n    near tie, taken as in the folder: {tie}" for tie in self.flipped)
