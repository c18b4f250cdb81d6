#!/usr/bin/python3
"""Plants mistakes in the model (faults.py) and lets `thor golden compare` judge what comes of them, beside the right model.

    planted.py --thor ./thor [--precision f32,bf16] [--fault NAME,...] [--check] FOLDER...

One line for each fault, folder and precision: the exit status, how many tensors were excused by how many near ties, and the
first tensor that is out, or is suspicious (in parentheses). `right` is the model without a fault, `forced` the same with the
folder's selections. With --check a line that is not as faults.py says ends in `WRONG`, and the exit status is 1.
"""

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import torch

import folder
import model
import verify
from faults import FAULTS, FIRST, NOT_IN_LOW_PRECISION

PRODUCTS = {"f32": "", "tf32": "tf32", "f16": "f16", "bf16": "bf16"}


def write_theirs(path: str, golden: folder.Folder, fault: str, precision: str, forced: bool) -> None:
    """What verify.py writes."""
    parameters = golden.parameters(torch.float32)
    choices = golden.choices(golden.tensors("forward.safetensors")) if forced else {}
    step = golden.step(parameters, fault=fault, forced=choices)
    losses, gradients = verify.forward_backward(step, PRODUCTS[precision])
    masks = {name: mask.to(torch.uint8) for name, mask in step.masks.items()}
    verify.write_folder(path, step, losses, gradients, masks)
    if precision == "f32":
        verify.write_steps(path, golden, parameters, (losses, gradients), fault)


def judge(thor: str, ours: str, theirs: str, precision: str) -> dict[str, Any]:
    """The JSON of compare."""
    done = subprocess.run([thor, "golden", "compare", "--json", "--precision", precision, ours, theirs],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3) or not done.stdout:
        raise SystemExit(f"thor golden compare {ours} {theirs}: {done.stderr}")
    return json.loads(done.stdout)


def split_place(place: str) -> tuple[str, str]:
    """The file and the pattern of names in it."""
    if ": " not in place and place.endswith((".json", ".safetensors")):
        return place, "*"
    file, _, name = place.rpartition(": ")
    return file or "forward.safetensors", name


def is_named(fault: str, said: dict[str, Any]) -> bool:
    """Is the first tensor the one that the fault touches first, of those that both sides have?"""
    files = {file["file"]: {tensor["tensor"] for tensor in file.get("tensors", [])} for file in said["files"]}
    for alternatives in FIRST[fault]:
        places = [split_place(place) for place in alternatives.split(" | ")]
        if any(fnmatch.filter(files.get(file, ()), name) for file, name in places):
            named = (said["first"], said["first_suspicious"])
            return any(first and fnmatch.fnmatch(first, f"{file}: {name}") for first in named for file, name in places)
    return False


def is_right(fault: str, said: dict[str, Any]) -> bool:
    """The right model passes, in full or but for near ties; a fault is out, and named."""
    if fault == "forced":
        return said["status"] == 0 and said["excused"] == 0
    if fault == "right":
        return said["status"] in (0, 3)
    return said["status"] == 1 and is_named(fault, said)


def max_of_padding(golden: folder.Folder) -> bool:
    """Is there a padded sentence whose rows are all below 0 somewhere, where 0 of padding would be the largest?"""
    if golden.config["task"]["pool"] != "max":
        return False
    step = golden.step(golden.parameters(torch.float32))
    model.forward(step)
    rows, mixtures = step.side("encoder").rows, golden.settings.mixtures("encoder")
    name = f"encoder.layers.{(mixtures[0] if mixtures else golden.settings.layers['encoder']) - 1}.output"
    if golden.config["task"]["tap"] == "embedding" or name not in step.trace:
        return False
    highest = step.trace[name].masked_fill(~rows[..., None], -torch.inf).amax(1)
    return bool((~rows.all(1) & (highest < 0).any(1)).any())


def touches(fault: str, golden: folder.Folder) -> bool:
    """Can the fault change anything of this folder?"""
    settings, config = golden.settings, golden.config
    dropout = settings.dropout > 0
    thor = settings.system == "thor"
    needs = {
        "adam-eps": config["optimizer"]["eps"] >= 1e-4,
        "dropout-site": dropout, "drop-stream": dropout, "expert-dropout": dropout and settings.system != "dense",
        "top-p-short": settings.top_p, "not-renormalised": settings.renormalize and settings.system != "dense",
        "context-next": thor, "context-padding": thor, "context-past": thor, "context-detached": thor,
        "max-padding": golden.settings.has_predictor and max_of_padding(golden),
        "balance-padding": config["loss"]["token_balance"] > 0 and settings.system != "dense",
        "balance-gradient": config["loss"]["token_balance"] > 0 and settings.system != "dense",
        "task-detached": settings.infuses or config["balance"]["task_over"] == "sentences",
        "fixed-other-side": settings.system == "fixed", "hybrid-reads-rows": settings.system == "hybrid",
        "blend-exchanged": settings.system == "residual", "group-by-source": settings.system == "lingual",
        # With three languages either order of a pair, or neither, counts: the means are the same.
        "family-once": settings.system == "lingual" and config["lingual"]["family_loss"] and
                       len(config["languages"]) > 3,
        "no-clip": config["optimizer"]["clip_norm"] > 0, "post-norm": settings.pre_norm,
    }
    return needs.get(fault, True)


def line(fault: str, path: str, precision: str, said: dict[str, Any]) -> str:
    first = said["first"] or "-"
    if said["first_suspicious"]:
        first += f" ({said['first_suspicious']})"
    name = os.path.basename(path.rstrip("/"))
    return f"{fault:17} {name:20} {precision:5} {said['status']} {said['excused']:4} {said['ties']:3} {first}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="+")
    parser.add_argument("--thor", default=os.environ.get("THOR", "./thor"))
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--fault", default=",".join(["right", *FAULTS]))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    wrong = 0
    for precision in options.precision.split(","):
        for path in options.folders:
            golden = folder.Folder(path)
            for fault in options.fault.split(","):
                planted = "" if fault in ("right", "forced") else fault
                if not touches(planted, golden) or precision != "f32" and planted in NOT_IN_LOW_PRECISION:
                    continue
                with tempfile.TemporaryDirectory() as theirs:
                    write_theirs(theirs, golden, planted, precision, fault == "forced")
                    said = judge(options.thor, path, theirs, precision)
                as_it_should = not options.check or is_right(fault, said)
                wrong += not as_it_should
                print(line(fault, path, precision, said) + ("" if as_it_should else "  WRONG"), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
