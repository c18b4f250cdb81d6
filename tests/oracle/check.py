#!/usr/bin/python3
"""Checks golden folders against this model in float64: every tensor of the forward pass, losses, gradients, masks of
dropout and the parameters after the folder's optimiser steps.

    check.py FOLDER...      exit 1 where a tensor is beyond its limit, a selection is wrong or something is missing

Selections are compared first. Where the folder chose otherwise, the probabilities say by how much they would have to
be off for its choice to be right: up to --tie it is a near tie, beyond it a wrong choice. The folder's selections are
then used in either case, so that one tie does not spoil what follows (--free uses the model's own).
"""

import argparse
import os
import sys

import torch
from torch import Tensor

import batch
import folder
import initial
import model
import routing
import verify
from faults import FAULTS
from mixture import candidate_count
from report import LIMITS, PARTS, Finding, append_rows, compare, worst_of
from step import Step
from ties import ROUNDS, Ties


def compare_all(part: str, ours: dict[str, Tensor], theirs: dict[str, Tensor], judged: bool = True) -> list[Finding]:
    """Every tensor of both sides; one that only one side has is wrong."""
    findings = [compare(part, name, ours[name], theirs[name], judged) for name in ours if name in theirs]
    for name in ours.keys() - theirs.keys():
        findings.append(Finding(part, name, float("inf"), 0, "not in the folder"))
    for name in theirs.keys() - ours.keys():
        findings.append(Finding(part, name, float("inf"), 0, "unknown to the model"))
    return findings


def check_batch(golden: folder.Folder, parameters: dict[str, Tensor]) -> list[Finding]:
    found = batch.mistakes(golden.settings, golden.batch, len(parameters["embed.weight"]))
    return [Finding("batch", "batch", float(len(found)), 0, "; ".join(found))]


def check_initial(golden: folder.Folder, parameters: dict[str, Tensor]) -> list[Finding]:
    """Names, shapes and first values."""
    tasks = len(parameters.get("task.predictor.weight", ()))
    expected = initial.parameters(golden.settings, len(parameters["embed.weight"]), tasks,
                                  len(golden.config["languages"]))
    drawn = {name: initial.value(name, expected[name], number, golden.seed).float()
             for number, name in enumerate(expected)}
    return compare_all("initial", drawn, parameters)


def check_selections(step: Step, theirs: dict[str, Tensor], tie: float) -> list[Finding]:
    """Every choice of the folder: equal, a near tie, or wrong."""
    findings = []
    for name, chosen in theirs.items():
        prefix, _, kind = name.rpartition(".")
        if kind not in ("candidates", "selected", "kept"):
            continue
        if name not in step.own or step.own[name].shape != chosen.shape:
            findings.append(Finding("selections", name, float("inf"), tie, "unknown to the model or of another shape"))
            continue
        rows = step.side(name.split(".")[0]).rows
        if kind == "candidates" and step.settings.system == "fixed":
            error = 0.0 if torch.equal(step.own[name], chosen) else float("inf")
        elif kind == "candidates":
            violation = routing.largest_violation(step.trace[f"{prefix}.task_probs"], chosen, candidate_count(step))
            error = violation.max().item()
        elif kind == "selected":
            violation = routing.choice_violation(step.settings, step.trace[f"{prefix}.router_probs"], chosen,
                                                 step.own.get(f"{prefix}.allowed"))
            error = float("inf") if (chosen & ~rows[..., None]).any() else violation[rows].max().item()
        else:
            error = routing.places_violation(step.settings, step.trace[f"{prefix}.router_probs"],
                                             step.trace[f"{prefix}.selected"] != 0, chosen, rows)
        differ = int((step.own[name] != chosen).any(-1).sum())
        note = f"{differ} rows chose otherwise, off by {error:.3g}" if differ else ""
        findings.append(Finding("selections", name, error, tie, note))
    return findings


def check_losses(ours: dict[str, float], theirs: dict[str, float]) -> list[Finding]:
    findings = []
    for name in ours.keys() | theirs.keys():
        if name not in ours or name not in theirs:
            findings.append(Finding("losses", name, float("inf"), 0, "only on one side"))
            continue
        error = abs(ours[name] - theirs[name]) / max(abs(ours[name]), abs(theirs[name]), 1e-2)
        note = f"here {ours[name]:.9g}, there {theirs[name]:.9g}"
        findings.append(Finding("losses", name, error, LIMITS["losses"] if name != "tokens" else 0, note))
    return findings


def check_masks(step: Step, golden: folder.Folder) -> list[Finding]:
    """Masks are equal, bit for bit, or wrong."""
    theirs = golden.tensors("dropout.safetensors") if golden.has("dropout.safetensors") else {}
    findings = []
    for name in step.masks.keys() | theirs.keys():
        if name not in theirs or name not in step.masks:
            findings.append(Finding("masks", name, float("inf"), 0, "only on one side"))
        elif step.masks[name].shape != theirs[name].shape:
            findings.append(Finding("masks", name, float("inf"), 0, f"shape {list(theirs[name].shape)}"))
        else:
            differ = int((step.masks[name] != (theirs[name] != 0)).sum())
            findings.append(Finding("masks", name, float(differ), 0, f"{differ} elements" if differ else ""))
    return findings


def check_training(golden: folder.Folder, step: Step,
                   options: argparse.Namespace) -> tuple[dict[str, float], list[Finding]]:
    """Runs `step` and the folder's steps on the same batch: the losses, and what the gradients and the parameters after
    the steps are found to be. Again with near ties of relu as in the folder, as long as that helps.

    Adam makes whole steps of rounding errors unless eps is above them, so the parameters are judged in folders with eps
    of 0.01 or more and shown in others."""
    judged = golden.config["optimizer"]["eps"] >= 0.01
    theirs, theirs_after = golden.tensors("gradients.safetensors"), golden.tensors("after.safetensors")
    for _ in range(ROUNDS):
        step.parameters = golden.parameters(torch.float64)
        step.terms, step.ties.near = {}, {}
        losses, gradients = model.forward_backward(step)
        findings = compare_all("gradients", gradients, theirs)
        verify.after(golden, step.parameters, (losses, gradients), options.fault, ties=step.ties)
        findings += compare_all("after", step.parameters, theirs_after, judged)
        if not any(finding.wrong for finding in findings) or options.fault or \
                not step.ties.revise(LIMITS["gradients"], (gradients, theirs), (step.parameters, theirs_after)):
            break
    return losses, findings


def check_folder(path: str, options: argparse.Namespace) -> tuple[list[Finding], Ties]:
    golden = folder.Folder(path)
    theirs = golden.tensors("forward.safetensors")
    choices = golden.choices(theirs)
    step = golden.step(golden.parameters(torch.float64), fault=options.fault, forced={} if options.free else choices,
                       ties=Ties())
    losses, trained = check_training(golden, step, options)
    findings = check_batch(golden, step.parameters)
    if golden.has("golden.json"):
        findings += check_initial(golden, golden.tensors("initial.safetensors"))
    findings += check_selections(step, choices, options.tie)
    findings += compare_all("forward", step.trace, theirs)
    findings += check_losses(losses, golden.json("losses.json"))
    return findings + check_masks(step, golden) + trained, step.ties


def show(name: str, findings: list[Finding], ties: Ties, verbose: bool) -> bool:
    """A line for the folder, with the worst of each part, and one for everything that is wrong."""
    fine = not any(finding.wrong for finding in findings)
    parts = []
    for part in PARTS:
        worst = worst_of(findings, part)
        if worst is not None and (worst.error > 0 or part in ("forward", "gradients")):
            parts.append(f"{part} {worst.error:.1e}" + ("" if worst.judged else " (not judged)"))
    print(f"{name}: {len(findings)} comparisons {'hold' if fine else 'WRONG'}; worst {', '.join(parts)}{ties}")
    for finding in findings:
        if finding.wrong or verbose or (finding.part == "selections" and finding.note):
            print(f"    {finding.part} {finding.name}: {finding.error:.3g} of {finding.limit:g}; {finding.note}")
    sys.stdout.flush()
    return fine


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks golden folders against an independent model in float64.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--tie", type=float, default=1e-5, help="bound of a near tie between probabilities (1e-5)")
    parser.add_argument("--free", action="store_true", help="use the model's own selections, not the folder's")
    parser.add_argument("--fault", choices=sorted(FAULTS), default="", help="plant a fault, to see what notices it")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for every tensor")
    parser.add_argument("--rows", metavar="FILE", help="append a line for every part, for report.py")
    options = parser.parse_args()
    fine = True
    for path in options.folders:
        name = os.path.basename(os.path.normpath(path))
        findings, ties = check_folder(path, options)
        fine = show(name, findings, ties, options.verbose) and fine
        if options.rows:
            append_rows(options.rows, name, findings)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
