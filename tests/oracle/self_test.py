#!/usr/bin/python3
"""The model checked against itself, without any folder: Philox's known answers, gradients by finite differences for
every system, and laws (company, padding and order of sentences change nothing; an expert without rows has gradient 0).
"""

import copy
import sys
from typing import Any

import torch
from torch import Tensor

import initial
import model
import philox
import routing
from settings import END, PAD, Settings
from step import Step
from ties import Tie, Ties

IDS, LANGUAGES, SEED = 40, 4, 7

CONFIG: dict[str, Any] = {
    "model": {"encoder_layers": 2, "decoder_layers": 2, "width": 12, "ffn_width": 10, "heads": 3, "norm": "pre",
              "dropout": 0.1, "attention_dropout": 0.2, "activation_dropout": 0.3},
    "moe": {"system": "thor", "every": 2, "experts": 8, "capacity_factor": 0.0, "capacity_order": "priority"},
    "router": {"policy": "top_p", "k": 2, "p": 0.5, "renormalize": "auto"},
    "task": {"label": "target_language", "tap": "before_moe", "pool": "max", "representation": "mixed",
             "use": "hierarchical", "candidates": 4, "count": 0},
    "context": {"form": "interpolate", "feed_experts": False},
    "balance": {"task_over": "tasks", "count": "selected"},
    "loss": {"task": 0.5, "task_balance": 0.5, "token_balance": 0.5, "dynamic": 0.5, "label_smoothing": 0.1},
    "residual": {"form": "cmr", "budget": 0.8, "budget_weight": 0.5},
    "lingual": {"dynamic": False, "family_loss": True, "family_weight": 0.5, "families": ["a aa ga", "b fy dd"]},
    "optimizer": {"lr": 0.05, "beta1": 0.9, "beta2": 0.98, "eps": 0.01, "weight_decay": 0.0, "clip_norm": 1.0},
    "schedule": {"warmup": 2, "updates": 4},
    "languages": ["aa", "ga", "fy", "dd"],
    "seed": SEED,
}

VARIANTS = [
    "", "model.norm=post", "router.policy=top_k", "router.policy=top_k router.k=1",
    "router.policy=top_k moe.capacity_factor=1.0", "router.policy=top_k router.renormalize=False",
    "router.policy=top_k moe.capacity_factor=1.0 moe.capacity_order=position",
    "context.form=add", "context.form=none", "context.feed_experts=True",
    "task.representation=predicted", "task.representation=golden", "task.use=infuse context.feed_experts=True",
    "task.representation=none task.use=none", "task.pool=mean", "task.pool=cls", "task.tap=embedding",
    "balance.task_over=sentences", "balance.count=first", "moe.every=1",
    "moe.system=dense", "moe.system=token router.policy=top_k moe.capacity_factor=1.0 balance.count=first",
    "moe.system=fixed router.policy=top_k", "moe.system=fixed router.policy=top_k moe.capacity_factor=1.0",
    "moe.system=fixed router.policy=top_k model.norm=post moe.experts=11 moe.every=1",
    "moe.system=hybrid router.policy=top_k moe.capacity_factor=1.0 balance.count=first",
    "moe.system=hybrid router.policy=top_k router.k=1 model.norm=post", "moe.system=hybrid moe.every=1",
    "moe.system=residual router.policy=top_k", "moe.system=residual model.norm=post",
    "moe.system=residual router.policy=top_k moe.capacity_factor=0.5 balance.count=first residual.budget=0.2",
    "moe.system=residual residual.form=softmax router.policy=top_k router.k=1",
    "moe.system=residual residual.form=softmax router.policy=top_k router.k=1 moe.capacity_factor=0.5 model.norm=post",
    "moe.system=lingual router.policy=top_k moe.capacity_factor=1.0 balance.count=first",
    "moe.system=lingual router.policy=top_k lingual.family_loss=False", "moe.system=lingual model.norm=post",
    "moe.system=lingual router.policy=top_k router.k=3 moe.every=1 moe.capacity_factor=0.5 lingual.sizes=3,4,5",
]


def changed(words: str) -> Settings:
    """The configuration above with "section.key=value" applied."""
    config = copy.deepcopy(CONFIG)
    for word in words.split():
        key, text = word.split("=")
        section, key = key.split(".")
        if key == "sizes":
            value: Any = [int(size) for size in text.split(",")]
        elif text in ("True", "False"):
            value = text == "True"
        else:
            value = type(config[section][key])(text)
        config[section][key] = value
    return Settings(config)


def invent(settings: Settings) -> dict[str, Tensor]:
    """Parameters of every name, none of them at a special value."""
    torch.manual_seed(SEED)
    made = initial.parameters(settings, IDS, LANGUAGES, LANGUAGES)
    return {name: torch.randn(p.shape, dtype=torch.float64) * 0.4 + (p.law == "constant") * p.spread
            for name, p in made.items()}


def batch(sentences: int = 5) -> dict[str, Tensor]:
    """Sentences of different lengths, padded on the right."""
    generator = torch.Generator().manual_seed(SEED)
    source = torch.full((sentences, 9), PAD)
    target_in, target_out = torch.full((sentences, 8), PAD), torch.full((sentences, 8), PAD)
    for row in range(sentences):
        n, m = 3 + row % 4, 2 + (row * 3) % 5
        source[row, :n + 3] = torch.tensor([IDS - LANGUAGES - 1, IDS - LANGUAGES + row % LANGUAGES]
                                           + torch.randint(4, 30, (n,), generator=generator).tolist() + [END])
        words = [IDS - LANGUAGES + (row + 1) % LANGUAGES] + torch.randint(4, 30, (m,), generator=generator).tolist()
        target_in[row, :m + 2], target_out[row, :m + 2] = torch.tensor([END] + words), torch.tensor(words + [END])
    numbers = torch.arange(sentences)
    return {"src_tokens": source, "tgt_in": target_in, "tgt_out": target_out, "src_language": numbers % LANGUAGES,
            "tgt_language": (numbers + 1) % LANGUAGES, "task_label": (numbers + 1) % LANGUAGES}


def run(settings: Settings, parameters: dict[str, Tensor],
        data: dict[str, Tensor]) -> tuple[Step, dict[str, float], dict[str, Tensor]]:
    """A step of training, with dropout and capacity."""
    step = Step(settings, parameters, data, SEED, update=3)
    return step, *model.forward_backward(step)


@torch.no_grad()
def numbers_of(settings: Settings, parameters: dict[str, Tensor], data: dict[str, Tensor]) -> dict[str, Tensor]:
    """The forward pass without dropout and capacity."""
    step = Step(settings, parameters, data, SEED, training=False)
    model.forward(step)
    return step.trace


def check(holds: bool, sentence: str) -> None:
    if not holds:
        print(f"{sentence}\nagain: python3 {sys.argv[0]}")
        sys.exit(1)


def test_philox() -> None:
    """The known answers of thor-numerics(7)."""
    zeros, ones = torch.zeros(1, dtype=torch.int64), torch.full((1,), 0xFFFFFFFF)
    got = [f"{int(word):08x}" for word in philox.philox([zeros] * 4, (0, 0))]
    check(got == "6627e8d5 e169c58d bc57ac4c 9b00dbd8".split(), f"Philox of zeros gives {got}")
    got = [f"{int(word):08x}" for word in philox.philox([ones] * 4, (0xFFFFFFFF, 0xFFFFFFFF))]
    check(got == "408f276d 41c83b0e a20bc7c6 6d5451fd".split(), f"Philox of ones gives {got}")


def slopes(settings: Settings, names: list[str]) -> tuple[float, float]:
    """d(total) along a random direction of these parameters: from autograd, and by central differences with the
    selections held."""
    data, parameters, size = batch(), invent(settings), 1e-6
    step, _, gradients = run(settings, parameters, data)
    held = {name: tensor for name, tensor in step.own.items() if tensor is not None}
    directions = {name: torch.randn_like(parameters[name]) for name in names}
    ends = []
    for sign in (1, -1):
        moved = {name: p.detach() + sign * size * directions[name] if name in names else p.detach()
                 for name, p in parameters.items()}
        with torch.no_grad():
            ends.append(model.forward(Step(settings, moved, data, SEED, 3, forced=held))["total"].item())
    return sum(float((gradients[name] * directions[name]).sum()) for name in names), (ends[0] - ends[1]) / (2 * size)


def test_gradients() -> None:
    """All parameters at once; where that fails, one by one."""
    for words in VARIANTS:
        settings = changed(words)
        names = list(initial.parameters(settings, IDS, LANGUAGES, LANGUAGES))
        slope, differences = slopes(settings, names)
        if abs(slope - differences) < 1e-6 * max(1, abs(slope)):
            continue
        pairs = {name: slopes(settings, [name]) for name in names}
        worst = max(names, key=lambda name: abs(pairs[name][0] - pairs[name][1]))
        check(False, f"{words}: {worst} has slope {pairs[worst][0]:.9g}, differences give {pairs[worst][1]:.9g}")


def test_laws() -> None:
    """Without dropout and capacity a sentence's numbers depend on nothing but the sentence."""
    for words in VARIANTS:
        settings = changed(words)
        parameters, data = invent(settings), batch()
        together = numbers_of(settings, parameters, data)
        for row in range(5):
            alone = {name: tensor[row:row + 1] for name, tensor in data.items()}
            for name in ("src_tokens", "tgt_in", "tgt_out"):
                alone[name] = alone[name][:, :int((alone[name] != PAD).sum())]
            for name, tensor in numbers_of(settings, parameters, alone).items():
                same = together[name][row:row + 1]
                same = same[:, :tensor.shape[1]] if tensor.dim() > 2 else same
                check(torch.allclose(same.double(), tensor.double(), rtol=0, atol=1e-12),
                      f"{words}: {name} of sentence {row} changes with its company")


def test_experts() -> None:
    """Experts that got no row have gradient 0; the others have not."""
    settings = changed("moe.experts=32 task.candidates=2 router.policy=top_k router.k=1")
    step, _, gradients = run(settings, invent(settings), batch())
    name = "decoder.layers.1.moe"
    used = (step.trace[f"{name}.selected"] != 0).flatten(0, 1).any(0)
    check(bool(used.any()) and not bool(used.all()), "the test needs experts with and without rows")
    reached = gradients[f"{name}.experts.fc2.weight"].flatten(1).abs().amax(1) > 0
    check(torch.equal(used, reached), f"experts with rows {used.tolist()}, with a gradient {reached.tolist()}")


def test_choices() -> None:
    """Ties go to the lowest index; the prefix ends where it reaches p; a violation is the size of the mistake."""
    probs = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.1, 0.4, 0.4, 0.1], [0.7, 0.1, 0.1, 0.1]], dtype=torch.float64)
    check(routing.largest(probs, 1).nonzero()[:, 1].tolist() == [0, 1, 0], "top-1 of ties")
    check(routing.shortest_prefix(probs, 0.5).sum(1).tolist() == [2, 2, 1], "top-p of 0.5")
    check(routing.shortest_prefix(probs, 0.5, short=True).sum(1).tolist() == [1, 1, 1], "top-p without its last")
    check(routing.shortest_prefix(probs, 2.0).all(), "a sum that is never reached takes all")
    own = routing.shortest_prefix(probs, 0.5)
    check(float(routing.prefix_violation(probs, own, 0.5).max()) == 0, "the right choice has no violation")
    wrong = torch.tensor([[False, True, False, True]])
    check(abs(float(routing.prefix_violation(probs[1:2], wrong, 0.5)) - 0.3) < 1e-12, "0.1 chosen before 0.4")
    short = torch.tensor([[False, True, False, False]])
    check(abs(float(routing.prefix_violation(probs[1:2], short, 0.5)) - 0.1) < 1e-12, "0.4 does not reach 0.5")


class Watch(Ties):
    """Ties that also keep what enters relu."""

    def relu(self, update: int, layer: str, expert: tuple[int, ...], x: Tensor) -> Tensor:
        self.seen = {**getattr(self, "seen", {}), layer: x.detach()}
        return super().relu(update, layer, expert, x)


def test_ties() -> None:
    """A unit at 3e-7 that a folder has on the other side of 0 is found, taken its way, and nothing else is."""
    settings, layer, tie = changed("moe.system=dense"), "encoder.layers.0.ffn.fc1", (1, 2, 4)
    parameters, watch = invent(settings), Watch()

    def gradients(ties: Ties) -> dict[str, Tensor]:
        copies = {name: parameter.detach().clone() for name, parameter in parameters.items()}
        return model.forward_backward(Step(settings, copies, batch(), SEED, ties=ties))[1]

    gradients(watch)
    parameters[layer + ".bias"][tie[2]] -= watch.seen[layer][tie] - 3e-7
    planted = Tie("relu", 0, layer, (), tie[:2], tie[2])
    theirs, ties = gradients(Ties(flipped={planted: 1.0})), Ties()
    ours = gradients(ties)
    check(ties.revise(1e-4, (ours, theirs), (ours, theirs)) and list(ties.flipped) == [planted],
          f"the tie at {planted} is not what was found:{ties}")
    again = gradients(ties)
    check(all(torch.equal(again[name], theirs[name]) for name in theirs), "the tie was not taken the folder's way")
    check(not ties.revise(1e-4, (again, theirs), (again, theirs)), "a tie is taken back that helped")
    check(ties.revise(1e-4, (ours, theirs), (ours, theirs)) and not ties.flipped, "a tie stays that did not help")


def test_ties_of_the_pool() -> None:
    """Where two rows are alike the next largest is taken if the folder did; without that the first."""
    values = torch.tensor([[[1.0, 5.0], [3.0, 2.0], [3.0 - 1e-6, 2.0], [-torch.inf, -torch.inf]]], dtype=torch.float64)
    first = torch.tensor([[[1, 0]]])
    ties = Ties()
    check(torch.equal(ties.largest(0, "a", values, first), first) and len(ties.near) == 1, "one tie, not flipped")
    ties.flipped = {tie: 1.0 for tie in ties.near}
    check(ties.largest(0, "a", values, first).tolist() == [[[2, 0]]], "the next largest row")
    check(torch.equal(ties.largest(1, "a", values, first), first), "another step has ties of its own")


def test_ties_of_later_selections() -> None:
    """The next expert is taken in place of the last where the folder did, among candidates only."""
    probs = torch.tensor([[[0.4, 0.3, 0.3 - 1e-6, 0.0], [0.5, 0.5 - 2e-6, 0.0, 0.0], [0.6, 0.4, 0.0, 0.0]]])
    selected = torch.tensor([[[True, True, False, False], [True, False, False, False], [True, True, False, False]]])
    ties = Ties()
    check(torch.equal(ties.selection(1, "a", probs, selected), selected) and len(ties.near) == 2,
          "two ties, none flipped")
    ties.flipped = {tie: 1.0 for tie in ties.near if tie.row == (0, 0)}
    rows = ties.selection(1, "a", probs, selected)[0].tolist()
    check(rows == [[True, False, True, False], [True, False, False, False], [True, True, False, False]],
          "the next expert")


def main() -> int:
    for test in (test_philox, test_choices, test_ties, test_ties_of_the_pool, test_ties_of_later_selections,
                 test_experts, test_laws, test_gradients):
        test()
        print(f"{test.__name__} holds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
