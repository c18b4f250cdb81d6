#!/usr/bin/python3
"""Runs the model on a golden folder's batch and writes what it computed, under the folder's names.

    verify.py FOLDER --device cuda --dtype float32 -o theirs.safetensors
    thor golden compare FOLDER/forward.safetensors theirs.safetensors
    thor golden compare FOLDER/gradients.safetensors theirs.safetensors
    thor golden compare FOLDER/dropout.safetensors theirs.safetensors

The example for a model of your own: `model.py` and what it imports are all there is to write again.
"""

import argparse
import sys

import torch

import folder
import model
import optimizer
import safetensors_io
from faults import FAULTS

DTYPES = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


def main() -> int:
    parser = argparse.ArgumentParser(description="Computes a golden folder's forward pass and gradients.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("-o", "--output", required=True, help="file of forward pass, gradients and masks")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--dtype", choices=sorted(DTYPES), default="float32")
    parser.add_argument("--force", action="store_true", help="take the folder's selections instead of the model's own")
    parser.add_argument("--after", metavar="FILE", help="also make the folder's optimiser steps; write the parameters")
    parser.add_argument("--fault", choices=sorted(FAULTS), default="", help="plant a fault")
    options = parser.parse_args()

    if options.after and options.dtype == "bfloat16":
        parser.error("--after needs parameters that small steps can move: float32 or float64")
    torch.backends.cuda.matmul.allow_tf32 = False
    golden = folder.Folder(options.folder)
    parameters = golden.parameters(DTYPES[options.dtype], options.device)
    forced = golden.choices(golden.tensors("forward.safetensors")) if options.force else {}
    step = golden.step(parameters, fault=options.fault, forced=forced)
    losses, gradients = model.forward_backward(step)
    masks = {name: mask.to(torch.uint8) for name, mask in step.masks.items()}
    safetensors_io.write(options.output, step.trace | gradients | masks)
    for name, value in losses.items():
        print(f"{name} {value:.9g}")

    if options.after:
        def gradients_of(updates_done: int) -> dict[str, torch.Tensor]:
            if updates_done == 0:
                return gradients
            return model.forward_backward(golden.step(parameters, updates_done, options.fault))[1]

        optimizer.train(golden.config, parameters, golden.steps, gradients_of)
        safetensors_io.write(options.after, parameters)
    return 0


if __name__ == "__main__":
    sys.exit(main())
