"""The parameters: their names, shapes and initial values (thor-model(7), thor-numerics(7)).

    U(-s, s) = s (2u - 1);   N(0, s^2) = s sqrt(-2 ln(1 - u1)) cos(2 pi u2), words 2i and 2i+1 of element i
    site 1 << 24 + number of the parameter in the order of thor-checkpoint(5), step 0, shard 0
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

import philox
from settings import PAD, Settings

SITE = 1 << 24


@dataclass
class Parameter:
    """Shape, and the law of the first values: "uniform" in +-spread, "normal" with deviation spread, or a constant."""

    shape: tuple[int, ...]
    law: str
    spread: float


def linear(name: str, out: int, into: int, bias: bool = True, experts: int = 0) -> dict[str, Parameter]:
    """Weights and biases U(+-1/sqrt(fan-in))."""
    front, spread = (experts,) if experts else (), into ** -0.5
    made = {f"{name}.weight": Parameter((*front, out, into), "uniform", spread)}
    if bias:
        made[f"{name}.bias"] = Parameter((*front, out), "uniform", spread)
    return made


def norm(name: str, width: int) -> dict[str, Parameter]:
    return {f"{name}.weight": Parameter((width,), "constant", 1), f"{name}.bias": Parameter((width,), "constant", 0)}


def attention(name: str, width: int) -> dict[str, Parameter]:
    """q, k, v: Xavier uniform with gain 1/sqrt(2), biases U(+-1/sqrt(d)); o: Xavier uniform, bias 0."""
    xavier = math.sqrt(6 / (2 * width))
    made = {}
    for part in "qkv":
        made[f"{name}.{part}.weight"] = Parameter((width, width), "uniform", xavier / math.sqrt(2))
        made[f"{name}.{part}.bias"] = Parameter((width,), "uniform", width ** -0.5)
    made[f"{name}.o.weight"] = Parameter((width, width), "uniform", xavier)
    made[f"{name}.o.bias"] = Parameter((width,), "constant", 0)
    return made | norm(f"{name}_norm", width)


def feed_forward(name: str, width: int, hidden: int, experts: int = 0) -> dict[str, Parameter]:
    return linear(f"{name}.fc1", hidden, width, True, experts) | linear(f"{name}.fc2", width, hidden, True, experts)


def mixture(settings: Settings, name: str) -> dict[str, Parameter]:
    width, hidden = settings.width, settings.config["model"]["ffn_width"]
    made = feed_forward(f"{name}.experts", width, hidden, settings.experts)
    made |= linear(f"{name}.router", settings.experts, width, bias=False)
    if settings.has_task_router or settings.system == "lingual":
        made |= linear(f"{name}.task_router", settings.experts, width, bias=False)
    if settings.context_form != "none":
        made |= linear(f"{name}.context_gate", width, 2 * width)
    if settings.system == "residual":
        cmr = settings.config["residual"]["form"] == "cmr"
        made |= feed_forward(f"{name}.shared", width, hidden)
        made |= linear(f"{name}.shared_gate", 1 if cmr else 2, width, bias=cmr)
    return made


def parameters(settings: Settings, ids: int, tasks: int, languages: int) -> dict[str, Parameter]:
    """Every parameter of a configuration, in the order of thor-checkpoint(5)."""
    width = settings.width
    made = {"embed.weight": Parameter((ids, width), "normal", width ** -0.5)}
    if settings.has_predictor:
        made |= linear("task.predictor", tasks, width, bias=False)
        made["task.embedding.weight"] = Parameter((tasks, width), "normal", width ** -0.5)
    if settings.pre_norm:
        made |= norm("encoder.layer_norm", width) | norm("decoder.layer_norm", width)
    for stack, count in settings.layers.items():
        for layer in range(count):
            name = f"{stack}.layers.{layer}"
            made |= attention(f"{name}.self_attn", width)
            if stack == "decoder":
                made |= attention(f"{name}.cross_attn", width)
            made |= norm(f"{name}.ffn_norm", width)
            if settings.is_mixture(layer):
                made |= mixture(settings, f"{name}.moe")
            else:
                made |= feed_forward(f"{name}.ffn", width, settings.config["model"]["ffn_width"])
    if settings.system in ("hybrid", "lingual"):
        made["language.embedding.weight"] = Parameter((languages, width), "normal", 1)
    if settings.system == "lingual":
        made |= linear("language.fc1", width, width) | linear("language.fc2", width, width)
        made |= norm("language.norm", width)
    return made


def value(name: str, parameter: Parameter, number: int, seed: int) -> Tensor:
    """The first value of parameter `number`, computed in float64."""
    count, site = math.prod(parameter.shape), SITE + number
    if parameter.law == "constant":
        return torch.full(parameter.shape, float(parameter.spread), dtype=torch.float64)
    if parameter.law == "uniform":
        return (parameter.spread * (2 * philox.uniform(count, seed, site) - 1)).reshape(parameter.shape)
    u = philox.uniform(2 * count, seed, site)
    normal = (-2 * torch.log(1 - u[0::2])).sqrt() * torch.cos(2 * math.pi * u[1::2])
    drawn = (parameter.spread * normal).reshape(parameter.shape)
    if name == "embed.weight":
        drawn[PAD] = 0
    return drawn
