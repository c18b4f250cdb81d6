#!/usr/bin/python3
"""The systems that route by language or beside a shared network, checked against themselves without any folder: their
invariants, the gradients that thor-model(7) writes out against those of autograd, and the family loss against loops
over its pairs. Gradients of the whole model against differences are in self_test.py.
"""

import math
import sys
from itertools import product

import torch
from torch import Tensor

import languages
import layers
import losses
import mixture
import model
import routing
from self_test import SEED, batch, changed, check, invent, run
from step import Step, binary32
from ties import NEAR, Tie, Ties

STACKS = ("encoder", "decoder")


def near(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, rtol=1e-10, atol=1e-12)


# ---- ls-moe --------------------------------------------------------------------------------------------------------

def test_fixed() -> None:
    """Both experts of the language and no other, gates of the sum 1, no balance, no gradient for idle experts; with a
    capacity a kept gate is P."""
    settings = changed("moe.system=fixed router.policy=top_k moe.experts=10")
    data = batch(3)
    step, values, gradients = run(settings, invent(settings), data)
    check(values["token_balance"] == 0, "ls-moe has a balance loss")
    for stack in STACKS:
        side, name = step.side(stack), f"{stack}.layers.1.moe"
        own = torch.zeros(3, 10, dtype=torch.bool)
        for sentence, language in enumerate(side.language.tolist()):
            own[sentence, 2 * language] = own[sentence, 2 * language + 1] = True
        check(torch.equal(step.trace[f"{name}.candidates"] != 0, own), f"{name}: candidates")
        check(torch.equal(step.trace[f"{name}.selected"] != 0, own[:, None] & side.rows[..., None]), f"{name}: chosen")
        check(near(step.trace[f"{name}.gates"].sum(-1), side.rows.double()), f"{name}: gates do not sum to 1")
        reached = gradients[f"{name}.experts.fc1.weight"].flatten(1).abs().amax(1) > 0
        check(torch.equal(reached, own.any(0)), f"{name}: experts with a gradient {reached.tolist()}")
        reached = gradients[f"{name}.router.weight"].abs().amax(1) > 0
        check(torch.equal(reached, own.any(0)), f"{name}: routers with a gradient {reached.tolist()}")
    settings = changed("moe.system=fixed router.policy=top_k moe.capacity_factor=0.2")
    step = run(settings, invent(settings), data)[0]
    gates, probs = step.trace["encoder.layers.1.moe.gates"], step.trace["encoder.layers.1.moe.router_probs"]
    half = ((gates > 0).sum(-1) == 1)
    check(bool(half.any()) and near(gates, torch.where(gates > 0, probs, torch.zeros_like(probs))), "a gate is not P")


# ---- hybrid-moe ----------------------------------------------------------------------------------------------------

def test_hybrid() -> None:
    """Every row of a sentence has the same P, experts and, before capacity, gates; with one, the first rows have the
    places and the others are dropped."""
    settings = changed("moe.system=hybrid router.policy=top_k")
    step = run(settings, invent(settings), batch())[0]
    rows, name = step.side("decoder").rows, "decoder.layers.1.moe"
    for what in ("router_probs", "selected", "gates", "routing_input"):
        tensor = step.trace[f"{name}.{what}"]
        check(torch.equal(tensor, torch.where(rows[..., None], tensor[:, :1], torch.zeros_like(tensor))),
              f"{name}.{what} differs between the rows of a sentence")
    check(near(step.trace[f"{name}.gates"].sum(-1), rows.double()), "gates of hybrid-moe do not sum to 1")

    settings = changed("moe.system=hybrid router.policy=top_k moe.capacity_factor=1.0 moe.experts=16")
    data = batch(6)
    data["tgt_language"] = torch.zeros_like(data["tgt_language"])
    step = run(settings, invent(settings), data)[0]
    rows = step.side("decoder").rows
    kept = step.own[f"{name}.kept"][rows]
    places = settings.capacity(int(rows.sum()))
    check(places is not None and 2 * places == int(kept.sum()), f"{int(kept.sum())} places are taken, 2 times {places}")
    check(bool(kept[:places].any(-1).all()) and not kept[places:].any(), "not the first rows have the places")
    probs, selected = step.trace[f"{name}.router_probs"], step.trace[f"{name}.selected"] != 0
    check(routing.places_violation(settings, probs, selected, step.own[f"{name}.kept"], rows) == 0, "the right places")
    swapped = step.own[f"{name}.kept"].clone()
    first, last = rows.nonzero()[0], rows.nonzero()[-1]
    swapped[tuple(last)], swapped[tuple(first)] = swapped[tuple(first)].clone(), False
    check(routing.places_violation(settings, probs, selected, swapped, rows) == math.inf,
          "the last row takes the place of the first, which has the same P, and nobody notices")


def test_hybrid_gradient() -> None:
    """dz_b = sum over rows of dz;  dW_r = sum_b dz_b e_b^T;  de[language] += W_r^T dz_b."""
    torch.manual_seed(SEED)
    table, router = torch.randn(3, 6, dtype=torch.float64), torch.randn(5, 6, dtype=torch.float64)
    table.requires_grad_(True), router.requires_grad_(True)
    language, weight = torch.tensor([2, 0, 2, 1]), torch.randn(4, 7, 5, dtype=torch.float64)
    probs = torch.softmax(table @ router.T, dim=-1)[language][:, None].expand(4, 7, 5)
    (probs * weight).sum().backward()
    d_z = (probs * (weight - (probs * weight).sum(-1, keepdim=True))).detach()
    d_router, d_table = torch.zeros_like(router), torch.zeros_like(table)
    for sentence, number in enumerate(language.tolist()):
        d_sentence = d_z[sentence].sum(0)
        d_router += d_sentence[:, None] * table.detach()[number]
        d_table[number] += router.detach().T @ d_sentence
    check(near(d_router, router.grad) and near(d_table, table.grad), "the gradient of a choice by the sentence")


# ---- residual-moe --------------------------------------------------------------------------------------------------

def blends_of(words: str) -> list[tuple[Step, str, Tensor, Tensor, Tensor]]:
    """Step, name, FFN(x), MoE(x) and the blend of every mixture of a step."""
    seen, blend = [], mixture.blend

    def watch(step: Step, name: str, side, x: Tensor, y: Tensor) -> Tensor:
        result = blend(step, name, side, x, y)
        seen.append((step, name, layers.feed_forward(step, f"{name}.shared", x).detach(), y.detach(), result.detach()))
        return result

    settings = changed(words)
    mixture.blend = watch
    try:
        run(settings, invent(settings), batch())
    finally:
        mixture.blend = blend
    return seen


def test_residual() -> None:
    """The blend lies between its two parts, its weights are those of the folder, a row without places keeps its shared
    part."""
    for words in ("", "residual.form=softmax router.k=1"):
        lost = 0
        for step, name, shared, mixed, blend in blends_of(
                f"moe.system=residual router.policy=top_k moe.capacity_factor=0.5 {words}"):
            rows = step.side(name.split(".")[0]).rows
            between = (blend - torch.minimum(shared, mixed) > -1e-12) & (torch.maximum(shared, mixed) - blend > -1e-12)
            check(bool(between[rows].all()), f"{name}: the blend does not lie between its parts")
            gate = step.trace[f"{name}.shared_gate"]
            weight = (gate, 1 - gate) if gate.shape[-1] == 1 else (gate[..., :1], gate[..., 1:])
            check(near((weight[0] + weight[1])[rows], torch.ones(int(rows.sum()), 1, dtype=torch.float64)), "weights")
            check(near((weight[0] * mixed + weight[1] * shared)[rows], blend[rows]), f"{name}: another blend")
            idle = rows & ~step.own[f"{name}.kept"].any(-1)
            lost += int(idle.sum())
            check(not mixed[idle].any() and near(blend[idle], (weight[1] * shared)[idle]), "a row without places")
        check(lost > 0, "the test needs rows without places")


def test_residual_gradient() -> None:
    """dq = dy . MoE - dy . FFN + g sign(mean q - budget) / rows;  dw_0 = dy . MoE, dw_1 = dy . FFN."""
    torch.manual_seed(SEED)
    shared, mixed, d_y = torch.randn(3, 9, 6, dtype=torch.float64)
    gate = torch.randn(9, 1, dtype=torch.float64, requires_grad=True)
    for budget in (0.1, 0.9):
        q = torch.sigmoid(gate)
        gradient, = torch.autograd.grad((((1 - q) * shared + q * mixed) * d_y).sum() + 0.7 * (q.mean() - budget).abs(),
                                        gate)
        q = q.detach()
        sign = 1 if q.mean() > budget else -1
        d_q = (d_y * mixed).sum(-1, keepdim=True) - (d_y * shared).sum(-1, keepdim=True) + 0.7 * sign / len(q)
        check(near(gradient, q * (1 - q) * d_q), "the gradient of q")
    gates = torch.randn(9, 2, dtype=torch.float64, requires_grad=True)
    w = torch.softmax(gates, dim=-1)
    gradient, = torch.autograd.grad(((w[:, :1] * mixed + w[:, 1:] * shared) * d_y).sum(), gates)
    d_w, w = torch.stack([(d_y * mixed).sum(-1), (d_y * shared).sum(-1)], dim=-1), w.detach()
    check(near(gradient, w * (d_w - (w * d_w).sum(-1, keepdim=True))), "the gradient of w")


def test_budget() -> None:
    """Its value, and no gradient where the mean is the budget."""
    settings = changed("moe.system=residual router.policy=top_k residual.budget=0.5")
    step = Step(settings, invent(settings), batch(), SEED)
    side = step.side("encoder")
    for level, loss, reached in ((0.25, 0.25, True), (0.5, 0.0, False), (0.75, 0.25, True)):
        q = torch.full((*side.rows.shape, 1), level, dtype=torch.float64, requires_grad=True)
        step.terms = {}
        losses.add_budget(step, side, q)
        term, = step.terms["budget"]
        gradient, = torch.autograd.grad(term, q)
        check(float(term) == loss and bool(gradient.any()) == reached, f"budget of {level}: {float(term)}")
        check(not gradient[~side.rows].any(), "padding takes part in the budget")


# ---- lingual-moe ---------------------------------------------------------------------------------------------------

def pairs_of(s: list[list[float]], family: list[int]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The counted positives and negatives, one after the other, on binary32 numbers."""
    def rounded(x: float) -> float:
        return binary32(x)

    numbers, positive, negative = range(len(family)), [], []
    for a in numbers:
        own = [j for j in numbers if j != a and family[j] == family[a]]
        others = [j for j in numbers if family[j] != family[a]]
        if not own or not others:
            continue
        most, least = max(rounded(s[a][j]) for j in others), min(rounded(s[a][j]) for j in own)
        for j in numbers:
            here = rounded(s[a][j])
            if j in own and rounded(here - binary32(0.1)) < most and here < 1:
                positive.append((a, j))
            if j in others and rounded(here + binary32(0.1)) > least and here > 0:
                negative.append((a, j))
    return positive, negative


def by_hand(router: Tensor, t: Tensor, family: list[int]) -> tuple[float, Tensor, Tensor]:
    """L_family with the gradients of W_t and t, as thor-model(7) writes them out."""
    logits = t @ router.T
    length = logits.norm(dim=-1)
    v = logits / length[:, None]
    s = (v @ v.T).tolist()
    positive, negative = pairs_of(s, family)
    loss = sum(1 - s[a][j] for a, j in positive) / max(1, len(positive))
    loss += sum(s[a][j] for a, j in negative) / max(1, len(negative))
    d_v = torch.zeros_like(v)
    for a, j in sorted(positive + negative):
        d_s = -1 / len(positive) if (a, j) in positive else 1 / len(negative)
        d_v[a] += d_s * v[j]
        d_v[j] += d_s * v[a]
    d_logits = (d_v - (v * d_v).sum(-1, keepdim=True) * v) / length[:, None]
    return loss, d_logits.T @ t, d_logits @ router


FAMILIES = [["a aa ga", "b fy dd"], ["a aa ga fy", "b dd"], ["a aa ga fy dd"], [], ["a aa dd"], ["a xx", "b ga dd yy"]]


def test_family() -> None:
    """Pairs and loss against loops, gradients against the rule; families of one, of all, and without any line."""
    counted = [0, 0, 0]
    for lines, seed, scale in product(FAMILIES, range(12), (0.2, 1.0)):
        settings = changed("moe.system=lingual router.policy=top_k")
        settings.config["lingual"]["families"] = lines
        torch.manual_seed(seed)
        t = torch.randn(4, 12, dtype=torch.float64)
        t = (t[:1] + scale * (t - t[:1])).requires_grad_(True)      # with a small scale all languages are alike
        step = Step(settings, invent(settings), batch(), SEED)
        router = step["encoder.layers.1.moe.task_router.weight"].requires_grad_(True)
        languages.add_family(step, "encoder.layers.1.moe", t)
        term, = step.terms["family"]
        family = languages.families(settings.config["languages"], lines)
        loss, d_router, d_t = by_hand(router.detach(), t.detach(), family)
        check(abs(float(term) - loss) < 1e-12, f"{lines}, seed {seed}: the loss is {float(term)}, loops say {loss}")
        gradients = torch.autograd.grad(term, (router, t)) if loss != 0 else (0 * d_router, 0 * d_t)
        check(near(gradients[0], d_router) and near(gradients[1], d_t), f"{lines}, seed {seed}: its gradient")
        v = torch.nn.functional.normalize(t.detach() @ router.detach().T, dim=-1)
        positive, negative = pairs_of((v @ v.T).tolist(), family)
        counted[0] += len(positive)
        counted[1] += len(negative)
        counted[2] += bool(positive or negative) and len(positive) + len(negative) < 12
    check(min(counted) > 0, f"the test needs pairs of both kinds, and such that do not count: {counted}")


def test_language_router() -> None:
    """The family loss alone trains W_t and everything under `language`; without it their gradients are 0."""
    for words, trained in (("", True), ("lingual.family_loss=False", False)):
        settings = changed(f"moe.system=lingual router.policy=top_k {words}")
        _, values, gradients = run(settings, invent(settings), batch())
        check((values["family"] > 0) == trained, f"family loss {values['family']}")
        for name, gradient in gradients.items():
            if name.startswith("language.") or "task_router" in name:
                check(bool(gradient.abs().max() > 0) == trained, f"{name}: {gradient.abs().max():.3g}; {words}")
    settings = changed("moe.system=lingual router.policy=top_k")
    parameters = invent(settings)
    both = []
    for weight in (0.5, 1.0):
        settings.config["lingual"]["family_weight"] = weight
        gradients = run(settings, {name: p.detach().clone() for name, p in parameters.items()}, batch())[2]
        both.append(gradients)
    for name in both[0]:
        trained = name.startswith("language.") or "task_router" in name
        check(near(both[1][name], (2 if trained else 1) * both[0][name]), f"{name} and the family loss")


def test_gelu() -> None:
    """gelu'(x) = 0.5 (1 + erf(x / a)) + x b exp(-x^2 / 2), a and b the binary32 roots."""
    x = torch.linspace(-6, 6, 401, dtype=torch.float64, requires_grad=True)
    a, b = binary32(math.sqrt(2)), binary32(1 / math.sqrt(2 * math.pi))
    gradient, = torch.autograd.grad((x * 0.5 * (1 + torch.erf(x / a))).sum(), x)
    x = x.detach()
    by_rule = 0.5 * (1 + torch.erf(x / a)) + x * b * torch.exp(-x * x / 2)
    check(float((gradient - by_rule).abs().max()) < 1e-6, "the gradient of gelu")


def test_groups() -> None:
    """A sentence has as many candidates as the class of its target language says; the capacity keeps C."""
    settings = changed("moe.system=lingual router.policy=top_k moe.capacity_factor=1.0 lingual.sizes=4,6,8")
    data = batch()
    step = run(settings, invent(settings), data)[0]
    sizes = {"aa": 4, "dd": 4, "ga": 6, "fy": 8}
    expected = [sizes[settings.config["languages"][number]] for number in data["tgt_language"].tolist()]
    for stack in STACKS:
        found = step.trace[f"{stack}.layers.1.moe.candidates"].sum(-1).tolist()
        check(found == expected, f"{stack}: {found} candidates, expected {expected}")
    check(settings.capacity(100) == 2 * 25, "the capacity does not keep the C of the start")
    check([languages.difficulty(code) for code in ("en", "de", "xx", "nb", "mr")] == [0, 0, 0, 1, 2], "classes")


def test_ties_of_families() -> None:
    """A pair at 3e-7 of its threshold that a folder has on the other side is found, taken its way, and helps."""
    settings, layer = changed("moe.system=lingual router.policy=top_k moe.every=2"), "encoder.layers.1.moe.task_router"
    settings.config["lingual"]["families"] = ["a aa ga fy"]
    parameters, margin = invent(settings), languages.MARGIN

    def gradients(ties: Ties) -> dict[str, Tensor]:
        copies = {name: parameter.detach().clone() for name, parameter in parameters.items()}
        return model.forward_backward(Step(settings, copies, batch(), SEED, ties=ties))[1]

    step = Step(settings, parameters, batch(), SEED)
    v = torch.nn.functional.normalize(step.linear(layer, languages.vectors(step)).detach(), dim=-1)
    s = v @ v.T
    languages.MARGIN = float(s[0, 1] - s[0, 3]) - 3e-7      # positive (0, 1): s_01 - margin is just above s_03
    planted = Tie("positive", 0, layer, (), (0,), 1)
    try:
        theirs, ties = gradients(Ties(flipped={planted: 1.0})), Ties()
        ours = gradients(ties)
        check(planted in ties.near and abs(ties.near[planted]) < NEAR, f"the tie is not seen: {ties.near}")
        check(ties.revise(1e-4, (ours, theirs), (ours, theirs)) and planted in ties.flipped, f"it is not taken:{ties}")
        again = gradients(ties)
        check(all(torch.equal(again[name], theirs[name]) for name in theirs), "the pair was not taken the folder's way")
        check(not ties.revise(1e-4, (again, theirs), (again, theirs)), "a tie is taken back that helped")
    finally:
        languages.MARGIN = margin


def main() -> int:
    for test in (test_fixed, test_hybrid, test_hybrid_gradient, test_residual, test_residual_gradient, test_budget,
                 test_family, test_language_router, test_gelu, test_groups, test_ties_of_families):
        test()
        print(f"{test.__name__} holds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
