"""L = NLL / tokens + a L_task + sum over mixtures of (b L_tb + c L_lb + e L_dyn), and the terms of other systems."""

import torch
from torch import Tensor

import routing
from settings import PAD
from step import Side, Step, wide


def mean_over_rows(x: Tensor, rows: Tensor) -> Tensor:
    """The mean over a shard's rows without padding; x [B,L,...]."""
    return x[rows].sum(0) / rows.sum()


def add_task_balance(step: Step, name: str, r: Tensor) -> None:
    """L_tb = E sum_i f_i Q_i over the K tasks (each row of U as r) or over the shard's sentences."""
    if step.settings.config["balance"]["task_over"] == "tasks":
        r = step["task.embedding.weight"]
    task_probs = torch.softmax(wide(step.linear(f"{name}.task_router", r)), dim=-1)
    chosen = routing.largest(task_probs, step.settings.candidates)
    if step.settings.config["balance"]["task_over"] != "tasks":
        chosen = step.forced.get(f"{name}.candidates", chosen)
    f = chosen.to(task_probs.dtype).mean(0)
    step.add_term("task_balance", step.settings.experts * (f * task_probs.mean(0)).sum())


def add_token_balance(step: Step, side: Side, probs: Tensor, selected: Tensor) -> None:
    """L_lb = E sum_i f_i Q_i over rows: f_i the share of rows that chose i, before capacity, without gradient. Experts
    that belong to a language have none."""
    if step.settings.system == "fixed":
        return
    if step.settings.config["balance"]["count"] == "first":
        selected = torch.zeros_like(selected).scatter(-1, routing.falling(probs)[..., :1], True)
    counted = selected.to(probs.dtype)
    if step.fault == "balance-gradient":
        counted = counted + probs - probs.detach()
    rows = torch.ones_like(side.rows) if step.fault == "balance-padding" else side.rows
    f, q = mean_over_rows(counted, rows), mean_over_rows(probs, rows)
    step.add_term("token_balance", step.settings.experts * (f * q).sum())


def add_dynamic(step: Step, side: Side, probs: Tensor) -> None:
    """L_dyn = mean over rows of -sum_i P_i ln P_i, 0 ln 0 = 0; under top-p only."""
    if step.settings.top_p:
        logs = torch.where(probs > 0, probs, torch.ones_like(probs)).log()
        step.add_term("dynamic", mean_over_rows(-(probs * logs).sum(-1), side.rows))


def add_budget(step: Step, side: Side, q: Tensor) -> None:
    """|mean over rows of q - budget|, for the gate of residual-moe; without gradient where both are equal."""
    mean = mean_over_rows(wide(q[..., 0]), side.rows)
    step.add_term("budget", (mean - step.settings.config["residual"]["budget"]).abs())


def token_losses(step: Step, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Means over target tokens of nll and of its smoothed form (1 - eps - eps/(V-1)) nll + eps/(V-1) sum_v -ln p_v."""
    target = step.batch["tgt_out"].long()
    counted = target != PAD
    log_probs = torch.log_softmax(wide(logits), dim=-1)
    nll = -log_probs.gather(-1, target[..., None]).squeeze(-1)
    eps = step.settings.config["loss"]["label_smoothing"]
    share = eps / (logits.shape[-1] - 1)
    smoothed = (1 - eps - share) * nll - share * log_probs.sum(-1)
    return mean_over_rows(nll, counted), mean_over_rows(smoothed, counted)


def all_losses(step: Step, logits: Tensor, task_logits: Tensor | None) -> dict[str, Tensor]:
    """The parts of losses.json: each before its weight, summed over mixtures; `total` is what is differentiated."""
    nll, smoothed = token_losses(step, logits)
    zero = torch.zeros_like(nll)
    parts = {"nll": nll}
    parts["task"] = zero if task_logits is None else torch.nn.functional.cross_entropy(
        wide(task_logits), step.batch["task_label"].long())
    for name in ("task_balance", "token_balance", "dynamic", "budget", "family"):
        parts[name] = sum(step.terms.get(name, []), zero)
    config = step.settings.config
    weights = config["loss"]
    total = smoothed
    for name in ("task", "task_balance", "token_balance", "dynamic"):
        total = total + weights[name] * parts[name]
    if step.settings.system == "residual":
        total = total + config["residual"]["budget_weight"] * parts["budget"]
    if step.settings.system == "lingual":
        total = total + config["lingual"]["family_weight"] * parts["family"]
    return {"total": total, **parts, "tokens": (step.batch["tgt_out"] != PAD).sum()}
