"""A golden folder: what `thor golden make` wrote, see thor-golden(5)."""

import json
import os
from typing import Any

import torch
from torch import Tensor

import safetensors_io
from settings import Settings
from step import Step
from ties import Ties


class Folder:
    """config.json, golden.json, batch and initial parameters at once; the results when they are asked for."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.config: dict[str, Any] = self.json("config.json")
        self.settings = Settings(self.config)
        golden = self.json("golden.json") if os.path.exists(self.file("golden.json")) else {}
        self.seed = int(golden.get("seed", self.config["seed"]))
        self.steps = int(golden.get("steps", 1))
        self.batch = self.tensors("batch.safetensors")

    def file(self, name: str) -> str:
        return os.path.join(self.path, name)

    def has(self, name: str) -> bool:
        return os.path.exists(self.file(name))

    def json(self, name: str) -> Any:
        with open(self.file(name), encoding="utf-8") as file:
            return json.load(file)

    def tensors(self, name: str) -> dict[str, Tensor]:
        return safetensors_io.read(self.file(name))

    def parameters(self, dtype: torch.dtype, device: str = "cpu") -> dict[str, Tensor]:
        return {name: tensor.to(device, dtype) for name, tensor in self.tensors("initial.safetensors").items()}

    def step(self, parameters: dict[str, Tensor], update: int = 0, fault: str = "",
             forced: dict[str, Tensor] | None = None, ties: Ties | None = None) -> Step:
        """A step of this folder's batch on the device where the parameters are."""
        device = next(iter(parameters.values())).device
        batch = {name: tensor.to(device) for name, tensor in self.batch.items()}
        forced = {name: tensor.to(device) for name, tensor in (forced or {}).items()}
        return Step(self.settings, parameters, batch, self.seed, update, fault=fault, ties=ties,
                    forced=forced)

    def choices(self, forward: dict[str, Tensor]) -> dict[str, Tensor]:
        """The selections that stand in the folder, in the form that Step takes: candidates, selected, the places that
        were kept (a dropped choice has gate 0), the predicted task."""
        forced = {}
        for name, tensor in forward.items():
            if name.endswith((".candidates", ".selected")):
                forced[name] = tensor != 0
            if name.endswith(".selected") and self.settings.capacity_factor > 0:
                gates = forward[name.replace(".selected", ".gates")]
                forced[name.replace(".selected", ".kept")] = (tensor != 0) & (gates != 0)
        if self.config["task"]["representation"] == "predicted" and "task.probs" in forward:
            order = torch.sort(forward["task.probs"].float(), dim=-1, descending=True, stable=True).indices
            forced["task.predicted"] = order[:, 0]
        return forced
