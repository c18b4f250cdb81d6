"""What follows from a configuration: thor-config(5) has the keys, thor-model(7) what they mean."""

import math
from typing import Any

PAD, END = 1, 2


class Settings:
    """A complete configuration as config.json holds it, and what is derived from it."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        model, mixture, router = config["model"], config["moe"], config["router"]
        self.width: int = model["width"]
        self.heads: int = model["heads"]
        self.layers = {"encoder": int(model["encoder_layers"]), "decoder": int(model["decoder_layers"])}
        self.pre_norm: bool = model["norm"] == "pre"
        self.dropout: float = model["dropout"]
        self.attention_dropout: float = model["attention_dropout"]
        self.activation_dropout: float = model["activation_dropout"]
        self.system: str = mixture["system"]
        self.every: int = mixture["every"]
        self.experts: int = mixture["experts"]
        self.capacity_factor: float = mixture["capacity_factor"]
        self.by_priority: bool = mixture["capacity_order"] == "priority"
        self.top_p: bool = router["policy"] == "top_p"
        self.k: int = router["k"]
        self.p: float = router["p"]
        renormalize = router["renormalize"]
        self.renormalize: bool = not self.top_p and self.k >= 2 if renormalize == "auto" else bool(renormalize)
        if self.system == "fixed":          # whose two gates are P
            self.renormalize = False
        self.context_form: str = config["context"]["form"] if self.system == "thor" else "none"
        self.feed_experts: bool = self.system == "thor" and config["context"]["feed_experts"]

    def is_mixture(self, layer: int) -> bool:
        """With moe.every = 2 the layers 1, 3, 5, counted from 0."""
        return self.system != "dense" and (layer + 1) % self.every == 0

    def mixtures(self, stack: str) -> list[int]:
        return [layer for layer in range(self.layers[stack]) if self.is_mixture(layer)]

    @property
    def has_predictor(self) -> bool:
        return self.system == "thor" and self.config["task"]["representation"] != "none"

    @property
    def has_task_router(self) -> bool:
        return self.has_predictor and self.config["task"]["use"] == "hierarchical"

    @property
    def infuses(self) -> bool:
        return self.has_predictor and self.config["task"]["use"] == "infuse"

    @property
    def candidates(self) -> int:
        """C; 0 stands for a quarter of the experts."""
        return self.config["task"]["candidates"] or max(self.experts // 4, min(4, self.experts))

    @property
    def sizes(self) -> list[int]:
        """Candidates of a sentence whose target language is of the class high, medium, low, where groups have grown."""
        return self.config["lingual"].get("sizes") or [self.candidates] * 3

    @property
    def choosable(self) -> int:
        """E' of the capacity: the experts that a row can choose among."""
        if self.system == "fixed":
            return 2
        return self.candidates if self.has_task_router or self.system == "lingual" else self.experts

    def capacity(self, rows: int) -> int | None:
        """max(1, floor(f k ceil(n / E'))), or no limit."""
        if self.capacity_factor == 0:
            return None
        return max(1, math.floor(self.capacity_factor * self.k * math.ceil(rows / self.choosable)))
