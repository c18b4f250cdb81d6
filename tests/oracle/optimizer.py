"""Clipping, Adam and the schedule: several steps on the same batch."""

import math
from typing import Any, Callable

import torch
from torch import Tensor


def learning_rate(config: dict[str, Any], updates_done: int) -> float:
    """lr u / warmup while u < warmup, else lr sqrt(warmup / u); the first update runs with 0."""
    lr, warmup = config["optimizer"]["lr"], config["schedule"]["warmup"]
    return lr * updates_done / warmup if updates_done < warmup else lr * math.sqrt(warmup / updates_done)


class Adam:
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p = p - lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)."""

    def __init__(self, config: dict[str, Any], parameters: dict[str, Tensor], fault: str = "") -> None:
        self.config, self.fault = config, fault
        self.facts: list[dict[str, float]] = []         # of every update: lr, gradient_norm, clip
        self.m = {name: torch.zeros_like(p) for name, p in parameters.items()}
        self.v = {name: torch.zeros_like(p) for name, p in parameters.items()}

    def clip_factor(self, norm: float) -> float:
        """min(1, c / (norm + 1e-6)), norm over all parameters; c = 0 does not clip."""
        limit = self.config["optimizer"]["clip_norm"]
        return min(1.0, limit / (norm + 1e-6)) if limit > 0 and self.fault != "no-clip" else 1.0

    @torch.no_grad()
    def update(self, parameters: dict[str, Tensor], gradients: dict[str, Tensor], updates_done: int) -> None:
        """One update in place; decoupled weight decay p *= 1 - lr wd comes first."""
        optimizer, t = self.config["optimizer"], updates_done + 1
        b1, b2 = optimizer["beta1"], optimizer["beta2"]
        lr = learning_rate(self.config, updates_done + (self.fault == "rate-ahead"))
        t += self.fault == "adam-step"
        size = lr * math.sqrt(1 - b2 ** t) / (1 - b1 ** t)
        norm = math.sqrt(sum(float((g.double() ** 2).sum()) for g in gradients.values()))
        clip = self.clip_factor(norm)
        eps = optimizer["eps"] * (math.sqrt(1 - b2 ** t) if self.fault == "adam-eps" else 1)
        self.facts.append({"lr": lr, "gradient_norm": norm, "clip": clip})
        for name, p in parameters.items():
            g, m, v = gradients[name] * clip, self.m[name], self.v[name]
            p *= 1 - lr * optimizer["weight_decay"]
            m.mul_(b1).add_(g, alpha=1 - b1)
            v.mul_(b2).add_(g * g, alpha=1 - b2)
            p -= size * m / (v.sqrt() + eps)


def train(config: dict[str, Any], parameters: dict[str, Tensor], steps: int,
          gradients_of: Callable[[int], dict[str, Tensor]], fault: str = "") -> Adam:
    """`steps` updates in place; gradients_of(u) differentiates the loss after u updates."""
    adam = Adam(config, parameters, fault)
    for updates_done in range(steps):
        adam.update(parameters, gradients_of(updates_done), updates_done)
    return adam
