"""The Transformer's parts: embedding with positions, attention, feed-forward network."""

import math

import torch
from torch import Tensor

from step import Side, Step, wide

FIRST_POSITION = 2


def positions(length: int, width: int, device: torch.device) -> Tensor:
    """PE[q] = [sin(q f_0) ..., cos(q f_0) ...],  f_j = exp(-j ln(10000) / (d/2 - 1)),  q = 2, 3, ...; [L,d] in float64.

    The frequencies and the angles q f_j are binary32 numbers, so that far positions agree.
    """
    half = width // 2
    j = torch.arange(half, dtype=torch.float64)
    frequency = torch.exp(-j * (math.log(10000) / (half - 1))).float()
    q = torch.arange(FIRST_POSITION, FIRST_POSITION + length, dtype=torch.float32)
    angle = (q[:, None] * frequency).double()
    return torch.cat([angle.sin(), angle.cos()], dim=1).to(device)


def embed(step: Step, side: Side) -> Tensor:
    """x = drop(sqrt(d) E[id] + PE[q]), [B,L,d]."""
    table = step["embed.weight"]
    width = table.shape[1]
    scale = 1.0 if step.fault == "embedding-scale" else math.sqrt(width)
    x = table[side.tokens] * scale + positions(side.tokens.shape[1], width, table.device).to(table.dtype)
    x = step.drop(f"{side.stack}.embed", x, step.settings.dropout)
    step.record(f"{side.stack}.embed.output", x, side.rows)
    return x


def attention(step: Step, name: str, x: Tensor, memory: Tensor, visible: Tensor) -> Tensor:
    """q = (W_q x + b_q) (d/H)^-1/2;  s = q k^T;  p = softmax(s);  y = W_o (drop(p) v) + b_o.

    x [B,L,d], memory [B,M,d], visible [B,L,M] true where a row may look.
    """
    heads, width = step.settings.heads, x.shape[-1]
    scale = (width if step.fault == "attention-scale" else width // heads) ** -0.5

    def by_head(what: str, rows: Tensor) -> Tensor:
        return step.linear(f"{name}.{what}", rows).unflatten(-1, (heads, width // heads)).transpose(1, 2)

    q, k, v = by_head("q", x) * scale, by_head("k", memory), by_head("v", memory)
    if step.fault == "query-scale":
        bias = step[f"{name}.q.bias"].unflatten(-1, (heads, 1, width // heads))
        q = q + bias * (1 - scale)
    scores = wide(q @ k.transpose(-1, -2)).masked_fill(~visible[:, None], -math.inf)
    probs = torch.softmax(scores, dim=-1).to(x.dtype)
    probs = step.drop(f"{name}.probs", probs, step.settings.attention_dropout)
    return step.linear(f"{name}.o", (probs @ v).transpose(1, 2).flatten(-2))


def feed_forward(step: Step, name: str, x: Tensor) -> Tensor:
    """drop(W2 drop(relu(W1 x + b1)) + b2): the inner rate is activation_dropout."""
    hidden = step.relu(f"{name}.fc1", step.linear(f"{name}.fc1", x))
    hidden = step.drop(f"{name}.activation", hidden, step.settings.activation_dropout)
    return step.drop(name, step.linear(f"{name}.fc2", hidden), step.settings.dropout)
