#!/usr/bin/python3
"""Plants mistakes in the model (faults.py) and lets `thor golden compare` judge what comes of them, beside the right model.

    planted.py --thor ./thor [--precision f32,bf16] [--fault NAME,...] FOLDER...

One line for each fault, folder and precision: the exit status and the first tensor that is out. `right` is the model without a
fault, `forced` the same with the folder's selections.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import torch

import folder
import verify
from faults import FAULTS

PRODUCTS = {"f32": "", "tf32": "tf32", "f16": "f16", "bf16": "bf16"}
OF_ADAM = ("adam-eps", "adam-step", "no-clip", "rate-ahead")


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
        "max-padding": thor, "balance-padding": config["loss"]["token_balance"] > 0 and settings.system != "dense",
        "balance-gradient": config["loss"]["token_balance"] > 0 and settings.system != "dense",
        "task-detached": settings.infuses or config["balance"]["task_over"] == "sentences",
        "no-clip": config["optimizer"]["clip_norm"] > 0, "post-norm": settings.pre_norm,
    }
    return needs.get(fault, True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", metavar="FOLDER", nargs="+")
    parser.add_argument("--thor", default=os.environ.get("THOR", "./thor"))
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--fault", default=",".join(["right", *FAULTS]))
    options = parser.parse_args()
    for precision in options.precision.split(","):
        for path in options.folders:
            golden = folder.Folder(path)
            for fault in options.fault.split(","):
                planted = "" if fault in ("right", "forced") else fault
                if not touches(planted, golden) or precision != "f32" and planted in OF_ADAM:
                    continue
                with tempfile.TemporaryDirectory() as theirs:
                    write_theirs(theirs, golden, planted, precision, fault == "forced")
                    said = judge(options.thor, path, theirs, precision)
                first = said["first"] or (f"({said['first_suspicious']})" if said["first_suspicious"] else "-")
                print(f"{fault:17} {os.path.basename(path):20} {precision:5} {said['status']} {said['excused']:4} "
                      f"{said['ties']:3} {first}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
