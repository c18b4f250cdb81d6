#!/usr/bin/python3
"""Runs the model on a golden folder's batch and writes what it computed, under the folder's names.

    verify.py FOLDER --device cuda --dtype float32 -o theirs
    thor golden compare FOLDER theirs

`theirs` becomes a folder of forward, losses, gradients, masks, and the moments and parameters after the folder's steps, with
the learning rate and the gradient's norm of each of them in golden.json. A name that
ends in .safetensors becomes one file of forward, gradients and masks, which compare takes beside a file of FOLDER.

The example for a model of your own: `model.py` and what it imports are all there is to write again.
"""

import argparse
import contextlib
import json
import os
import sys

import torch
from torch import Tensor

import folder
import model
import optimizer
import precision
import safetensors_io
from faults import FAULTS
from step import Step
from ties import Ties

DTYPES = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


def forward_backward(step: Step, products: str = "") -> tuple[dict[str, float], dict[str, Tensor]]:
    """Losses and gradients, with products as in precision.py where they are named."""
    with precision.Products(products) if products else contextlib.nullcontext():
        losses, gradients = model.forward_backward(step)
    if step.fault == "gradient-sum":
        gradients = {name: gradient * losses["tokens"] for name, gradient in gradients.items()}
    return losses, gradients


def after(golden: folder.Folder, parameters: dict[str, Tensor], first: tuple[dict[str, float], dict[str, Tensor]],
          fault: str = "", products: str = "", ties: Ties | None = None) -> tuple[optimizer.Adam, list[dict[str, float]]]:
    """The folder's optimiser steps on its batch, in place; `first` is what the first of them computed. Returns what
    golden.json tells of each of them."""
    losses = []

    def gradients_of(updates_done: int) -> dict[str, Tensor]:
        step = golden.step(parameters, updates_done, fault, ties=ties)
        step_losses, gradients = first if updates_done == 0 else forward_backward(step, products)
        losses.append(step_losses)
        return gradients

    adam = optimizer.train(golden.config, parameters, golden.steps, gradients_of, fault)
    return adam, [facts | step_losses for facts, step_losses in zip(adam.facts, losses)]


def write_folder(path: str, step: Step, losses: dict[str, float], gradients: dict[str, Tensor],
                 masks: dict[str, Tensor]) -> None:
    os.makedirs(path, exist_ok=True)
    safetensors_io.write(os.path.join(path, "forward.safetensors"), step.trace)
    safetensors_io.write(os.path.join(path, "gradients.safetensors"), gradients)
    if masks:
        safetensors_io.write(os.path.join(path, "dropout.safetensors"), masks)
    with open(os.path.join(path, "losses.json"), "w", encoding="utf-8") as file:
        json.dump(losses, file, indent=1)


def write_steps(path: str, golden: folder.Folder, parameters: dict[str, Tensor],
                first: tuple[dict[str, float], dict[str, Tensor]], fault: str = "", products: str = "") -> None:
    """The parameters and moments after the folder's steps, and what golden.json tells of each of them."""
    adam, updates = after(golden, parameters, first, fault, products)
    moments = {f"m.{name}": m for name, m in adam.m.items()} | {f"v.{name}": v for name, v in adam.v.items()}
    safetensors_io.write(os.path.join(path, "after.safetensors"), parameters)
    safetensors_io.write(os.path.join(path, "moments.safetensors"), moments)
    with open(os.path.join(path, "golden.json"), "w", encoding="utf-8") as file:
        json.dump({"seed": golden.seed, "steps": golden.steps, "updates": updates}, file, indent=1)


def main() -> int:
    parser = argparse.ArgumentParser(description="Computes a golden folder's forward pass, gradients and steps.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("-o", "--output", required=True, help="a folder, or one file NAME.safetensors")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--dtype", choices=sorted(DTYPES), default="float32")
    parser.add_argument("--products", choices=sorted(precision.ROUNDINGS), default="", help="products as on a GPU")
    parser.add_argument("--force", action="store_true", help="take FOLDER's selections instead of the model's own")
    parser.add_argument("--fault", choices=sorted(FAULTS), default="", help="plant a fault")
    options = parser.parse_args()

    torch.backends.cuda.matmul.allow_tf32 = False
    golden = folder.Folder(options.folder)
    parameters = golden.parameters(DTYPES[options.dtype], options.device)
    forced = golden.choices(golden.tensors("forward.safetensors")) if options.force else {}
    step = golden.step(parameters, fault=options.fault, forced=forced)
    losses, gradients = forward_backward(step, options.products)
    for name, value in losses.items():
        print(f"{name} {value:.9g}")
    masks = {name: mask.to(torch.uint8) for name, mask in step.masks.items()}
    if options.output.endswith(".safetensors"):
        safetensors_io.write(options.output, step.trace | gradients | masks)
        return 0
    write_folder(options.output, step, losses, gradients, masks)
    if options.dtype != "bfloat16":         # whose parameters are too coarse for small steps
        write_steps(options.output, golden, parameters, (losses, gradients), options.fault, options.products)
    return 0


if __name__ == "__main__":
    sys.exit(main())
