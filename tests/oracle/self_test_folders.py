#!/usr/bin/python3
"""check.py on folders that the model wrote itself, in float32 and with several steps: every system holds, and planted
faults do not. So what check.py needs of a system is known before a program computes it.

    self_test_folders.py [DIRECTORY]    keeps the folders there, for a look at them with `thor golden compare`
"""

import argparse
import json
import os
import sys
import tempfile

import torch
from torch import Tensor

import check
import folder
import initial
import model
import safetensors_io
import verify
from self_test import IDS, LANGUAGES, SEED, VARIANTS, batch, changed
from settings import Settings

OPTIONS = argparse.Namespace(tie=1e-5, free=False, fault="", verbose=False)
STEPS = 3

FAULTS = {
    "fixed-other-side": "moe.system=fixed router.policy=top_k",
    "hybrid-reads-rows": "moe.system=hybrid router.policy=top_k",
    "blend-exchanged": "moe.system=residual router.policy=top_k",
    "group-by-source": "moe.system=lingual router.policy=top_k",
    "family-once": "moe.system=lingual router.policy=top_k",
    "top-p-short": "moe.system=lingual router.p=0.9",
    "dropout-site": "moe.system=residual residual.form=softmax router.policy=top_k router.k=1",
    "balance-gradient": "moe.system=hybrid router.policy=top_k",
}


def batch_of(settings: Settings) -> dict[str, Tensor]:
    """[CLS] stands only where there is a task predictor."""
    data = batch()
    if not settings.has_predictor:
        data["src_tokens"] = data["src_tokens"][:, 1:].contiguous()
    return {name: tensor.to(torch.int32) for name, tensor in data.items()}


def write_json(path: str, name: str, value: object) -> None:
    with open(os.path.join(path, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def write(path: str, words: str) -> None:
    """A golden folder of this configuration, as `thor golden make` would write it."""
    settings = changed(words)
    os.makedirs(path, exist_ok=True)
    write_json(path, "config.json", settings.config)
    write_json(path, "golden.json", {"seed": SEED, "steps": STEPS})
    safetensors_io.write(os.path.join(path, "batch.safetensors"), batch_of(settings))
    drawn = {}
    for number, (name, parameter) in enumerate(initial.parameters(settings, IDS, LANGUAGES, LANGUAGES).items()):
        drawn[name] = initial.value(name, parameter, number, SEED).float()
    safetensors_io.write(os.path.join(path, "initial.safetensors"), drawn)
    golden = folder.Folder(path)
    parameters = golden.parameters(torch.float32)
    step = golden.step(parameters)
    losses, gradients = model.forward_backward(step)
    verify.write_folder(path, step, losses, gradients, {name: m.to(torch.uint8) for name, m in step.masks.items()})
    verify.after(golden, parameters, (losses, gradients))
    safetensors_io.write(os.path.join(path, "after.safetensors"), parameters)


def judge(path: str, words: str, fault: str = "") -> bool:
    """Whether check.py says what it has to."""
    OPTIONS.fault = fault
    findings, ties = check.check_folder(path, OPTIONS)
    fine = not any(finding.wrong for finding in findings)
    if fine == (fault == ""):
        return True
    print(f"'{words}', fault '{fault}', {'is not noticed' if fine else 'does not hold'}; again: python3 {sys.argv[0]}")
    check.show(path, findings, ties, False)
    return False


def all_folders(directory: str) -> bool:
    fine = True
    for number, words in enumerate(VARIANTS):
        path = os.path.join(directory, f"folder-{number}")
        write(path, words)
        fine = judge(path, words) and fine
    for fault, words in FAULTS.items():
        path = os.path.join(directory, fault)
        write(path, words)
        fine = judge(path, words, fault) and fine
    return fine


def main() -> int:
    if len(sys.argv) > 1:
        fine = all_folders(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as directory:
            fine = all_folders(directory)
    if fine:
        print(f"{len(VARIANTS)} folders hold, {len(FAULTS)} with a fault do not")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
