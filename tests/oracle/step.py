"""One training step of one shard: what every part of the model needs beside its input."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

import philox
from settings import PAD, Settings
from ties import Ties

# thor-numerics(7): site = stack << 16 | layer << 8 | kind
KINDS = {
    "embed": 1, "self_attn.probs": 2, "self_attn": 3, "cross_attn.probs": 4, "cross_attn": 5, "ffn.activation": 6,
    "ffn": 7, "moe.experts.activation": 8, "moe.experts": 9, "moe.shared.activation": 10, "moe.shared": 11,
}
STACKS = {"encoder": 0, "decoder": 1}
EMBEDDING_LAYER = 255


def binary32(value: float) -> float:
    """The nearest binary32 number."""
    return torch.tensor(value, dtype=torch.float32).item()


def wide(x: Tensor) -> Tensor:
    """Softmax, norms and losses are computed in float32 where the model is in 16 bits."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def site_of(name: str, fault: str = "") -> int:
    """The site of a mask's name, "encoder.embed" or "decoder.layers.3.self_attn.probs"."""
    parts = name.split(".")
    stack, layer, what = STACKS[parts[0]], EMBEDDING_LAYER, "embed"
    if parts[1] == "layers":
        layer, what = int(parts[2]), ".".join(parts[3:])
    if fault == "dropout-site" and what == "cross_attn":
        what = "self_attn"
    return stack << 16 | layer << 8 | KINDS[what]


@dataclass
class Side:
    """The rows of one stack: which are no padding, and the mask of its keys."""

    stack: str
    tokens: Tensor                      # [B,L]
    language: Tensor                    # [B]: source language in the encoder, target language in the decoder

    @property
    def rows(self) -> Tensor:
        """[B,L], true where there is no padding."""
        return self.tokens != PAD


@dataclass
class Step:
    """Parameters, batch and place of one step; `trace` collects what the folder holds under the same names."""

    settings: Settings
    parameters: dict[str, Tensor]
    batch: dict[str, Tensor]
    seed: int
    update: int = 0                     # updates done before this step
    shard: int = 0
    training: bool = True
    fault: str = ""
    ties: Ties | None = None            # of relu; None takes them as they come
    forced: dict[str, Tensor] = field(default_factory=dict)     # selections to take instead of the model's own
    trace: dict[str, Tensor] = field(default_factory=dict)
    masks: dict[str, Tensor] = field(default_factory=dict)
    own: dict[str, Tensor] = field(default_factory=dict)        # the model's own selections, forced or not
    terms: dict[str, list[Tensor]] = field(default_factory=dict)    # of the losses, one for each mixture

    def __getitem__(self, name: str) -> Tensor:
        return self.parameters[name]

    def has(self, name: str) -> bool:
        return name in self.parameters

    def side(self, stack: str) -> Side:
        if stack == "encoder":
            return Side(stack, self.batch["src_tokens"].long(), self.batch["src_language"].long())
        return Side(stack, self.batch["tgt_in"].long(), self.batch["tgt_language"].long())

    def linear(self, name: str, x: Tensor) -> Tensor:
        """y = W x + b, W of shape [out, in]; b where there is one."""
        return torch.nn.functional.linear(x, self[name + ".weight"], self.parameters.get(name + ".bias"))

    def relu(self, layer: str, x: Tensor, expert: tuple[int, ...] = ()) -> Tensor:
        """max(x, 0) of the linear map `layer`."""
        return torch.relu(x) if self.ties is None else self.ties.relu(self.update, layer, expert, x)

    def layer_norm(self, name: str, x: Tensor) -> Tensor:
        """y = (x - mean) / sqrt(variance + 1e-5) * w + b, the variance divided by d."""
        x_wide = wide(x)
        centred = x_wide - x_wide.mean(-1, keepdim=True)
        variance = (centred * centred).mean(-1, keepdim=True)
        root = variance.sqrt() + 1e-5 if self.fault == "eps-outside" else (variance + 1e-5).sqrt()
        return (centred / root).to(x.dtype) * self[name + ".weight"] + self[name + ".bias"]

    def drop(self, name: str, x: Tensor, rate: float) -> Tensor:
        """x / (1 - p) where u >= p, 0 elsewhere; p and the factor 1 / (1 - p) are rounded to binary32."""
        if rate == 0 or not self.training:
            return x
        keep = self.keep(name, tuple(x.shape), rate)
        return torch.where(keep, x * binary32(1 / (1 - rate)), torch.zeros((), dtype=x.dtype, device=x.device))

    def keep(self, name: str, shape: tuple[int, ...], rate: float) -> Tensor:
        """The mask of one site, remembered under the name that it has in dropout.safetensors."""
        if name + ".dropout" not in self.masks:
            count = torch.Size(shape).numel()
            site = site_of(name, self.fault)
            u = philox.uniform(count, self.seed, site, self.update, self.shard, str(self.batch["tgt_in"].device))
            self.masks[name + ".dropout"] = (u >= binary32(rate)).reshape(shape)
        return self.masks[name + ".dropout"]

    def record(self, name: str, x: Tensor, rows: Tensor | None = None) -> None:
        """Keeps a tensor for the folder; padding is written as zeros."""
        x = x.detach()
        if rows is not None:
            x = x.masked_fill(~rows.reshape(rows.shape + (1,) * (x.dim() - 2)), 0)
        self.trace[name] = x.to(torch.int32) if x.dtype == torch.bool else x

    def add_term(self, name: str, value: Tensor) -> None:
        self.terms.setdefault(name, []).append(value)
