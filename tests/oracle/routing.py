"""Choices: candidates, experts of a token, places in an expert. All of them compare probabilities as binary32 numbers,
and the lowest index wins a tie.

A float64 model may choose otherwise than a float32 one where two numbers nearly tie. So each kind of choice has a
`..._violation`: by how much the probabilities would have to be off for somebody else's choice to be the right one.
"""

import math

import torch
from torch import Tensor

from settings import Settings


def falling(probs: Tensor, allowed: Tensor | None = None) -> Tensor:
    """Indices in falling order of probability, ties by index; what is not allowed comes last."""
    stored = probs.detach().float()
    if allowed is not None:
        stored = torch.where(allowed, stored, torch.full_like(stored, -1))
    return torch.sort(stored, dim=-1, descending=True, stable=True).indices


def largest(probs: Tensor, count: int | Tensor, allowed: Tensor | None = None) -> Tensor:
    """[..., E] true for the `count` largest; a tensor [...] has a count for each row."""
    rank = falling(probs, allowed).argsort(-1)
    return rank < (count[..., None] if isinstance(count, Tensor) else count)


def shortest_prefix(probs: Tensor, p: float, allowed: Tensor | None = None, short: bool = False) -> Tensor:
    """Top-p: in falling order of P the shortest prefix whose running sum, a chain of binary32 additions, reaches p.

    All that is allowed where the sum never does. `short` is the fault that leaves the last expert out.
    """
    order = falling(probs, allowed)
    stored = probs.detach().float().gather(-1, order)
    running = torch.zeros_like(stored[..., 0])
    chosen = torch.zeros_like(probs, dtype=torch.bool)
    for place in range(probs.shape[-1]):
        wanted = running < p
        running = running + stored[..., place]
        if short and place > 0:
            wanted = wanted & (running < p)
        chosen = chosen.scatter(-1, order[..., place:place + 1], wanted[..., None])
    return chosen if allowed is None else chosen & allowed


def choose(settings: Settings, probs: Tensor, allowed: Tensor | None, fault: str = "") -> Tensor:
    """The experts of every row, [B,L,E]."""
    if settings.top_p:
        return shortest_prefix(probs, settings.p, allowed, short=fault == "top-p-short")
    return largest(probs, settings.k, allowed)


def places(settings: Settings, probs: Tensor, selected: Tensor, rows: Tensor) -> Tensor:
    """Which of the selected keep their place, [B,L,E]: an expert takes at most `capacity` of the shard's rows.

    First choices before second choices; within a choice by falling largest probability of the row, ties to the lower
    row (`priority`), or as the rows stand (`position`).
    """
    capacity = settings.capacity(int(rows.sum()))
    if capacity is None:
        return selected
    queue_probs, queue_selected = probs.detach()[rows].float(), selected[rows]
    priority = queue_probs.amax(-1).tolist()
    numbers = list(range(len(priority)))
    served = sorted(numbers, key=lambda row: -priority[row]) if settings.by_priority else numbers
    choices = falling(queue_probs, queue_selected).tolist()
    count = queue_selected.sum(-1).tolist()
    kept = torch.zeros_like(queue_selected)
    taken = [0] * settings.experts
    for choice in range(max(count)):
        for row in served:
            if choice < count[row] and taken[choices[row][choice]] < capacity:
                taken[choices[row][choice]] += 1
                kept[row, choices[row][choice]] = True
    result = torch.zeros_like(selected)
    result[rows] = kept
    return result


def gates(settings: Settings, probs: Tensor, kept: Tensor, fault: str = "") -> Tensor:
    """g = P of the kept, divided by their sum where weights are renormalised; 0 elsewhere."""
    chosen = torch.where(kept, probs, torch.zeros_like(probs))
    if not settings.renormalize or fault == "not-renormalised":
        return chosen
    total = chosen.sum(-1, keepdim=True)
    return chosen / torch.where(total > 0, total, torch.ones_like(total))


# ---- near ties -----------------------------------------------------------------------------------------------------

def order_violation(probs: Tensor, chosen: Tensor, allowed: Tensor | None) -> Tensor:
    """Largest probability left out minus the smallest chosen, at least 0; infinite where a forbidden one is chosen."""
    allowed = torch.ones_like(chosen) if allowed is None else allowed
    worst_chosen = torch.where(chosen, probs, torch.full_like(probs, math.inf)).amin(-1)
    best_left = torch.where(allowed & ~chosen, probs, torch.full_like(probs, -math.inf)).amax(-1)
    violation = (best_left - worst_chosen).clamp(min=0)
    return torch.where((chosen & ~allowed).any(-1), torch.full_like(violation, math.inf), violation)


def largest_violation(probs: Tensor, chosen: Tensor, count: int | Tensor, allowed: Tensor | None = None) -> Tensor:
    violation = order_violation(probs, chosen, allowed)
    return torch.where(chosen.sum(-1) == count, violation, torch.full_like(violation, math.inf))


def prefix_violation(probs: Tensor, chosen: Tensor, p: float, allowed: Tensor | None = None) -> Tensor:
    """Also by how much the sum misses p, and by how much it reached p without its smallest member."""
    violation = order_violation(probs, chosen, allowed)
    everything = chosen.all(-1) if allowed is None else (chosen == allowed).all(-1)
    total = torch.where(chosen, probs, torch.zeros_like(probs)).sum(-1)
    smallest = torch.where(chosen, probs, torch.full_like(probs, math.inf)).amin(-1)
    missing = torch.where(everything, torch.zeros_like(total), (p - total).clamp(min=0))
    needless = torch.where(chosen.sum(-1) > 1, (total - smallest - p).clamp(min=0), torch.zeros_like(total))
    violation = torch.maximum(violation, torch.maximum(missing, needless))
    return torch.where(chosen.any(-1), violation, torch.full_like(violation, math.inf))


def choice_violation(settings: Settings, probs: Tensor, chosen: Tensor, allowed: Tensor | None) -> Tensor:
    if settings.top_p:
        return prefix_violation(probs, chosen, settings.p, allowed)
    return largest_violation(probs, chosen, settings.k, allowed)


def priority_violation(priority: Tensor, lost: Tensor, served: Tensor) -> float:
    """Largest priority that lost minus the smallest that was served; infinite where of rows with one and the same
    priority, as those of one language in hybrid-moe are, a lower one lost its place to a higher one."""
    for value in priority[lost].unique():
        equal = priority == value
        if (served & equal).any() and int((lost & equal).nonzero().min()) < int((served & equal).nonzero().max()):
            return math.inf
    return max(0.0, float(priority[lost].max() - priority[served].min()))


def places_violation(settings: Settings, probs: Tensor, selected: Tensor, kept: Tensor, rows: Tensor) -> float:
    """By how much priorities would have to be off for `kept` to be right; infinite where no rounding explains it."""
    capacity = settings.capacity(int(rows.sum()))
    if capacity is None or (kept & ~selected).any():
        return 0.0 if torch.equal(kept, selected) else math.inf
    probs, selected, kept = probs.detach()[rows], selected[rows], kept[rows]
    priority = probs.amax(-1)
    rank = falling(probs, selected).argsort(-1)
    worst = 0.0
    for expert in range(settings.experts):
        asking, served = selected[:, expert], kept[:, expert]
        lost = asking & ~served
        if int(served.sum()) != min(capacity, int(asking.sum())):
            return math.inf
        if not lost.any():
            continue
        first_lost, last_served = int(rank[lost, expert].min()), int(rank[served, expert].max())
        if first_lost < last_served:
            return math.inf
        if first_lost == last_served:
            at = rank[:, expert] == first_lost
            if settings.by_priority:
                worst = max(worst, priority_violation(priority, lost & at, served & at))
            elif int((served & at).nonzero().max()) > int((lost & at).nonzero().min()):
                return math.inf
    return worst
