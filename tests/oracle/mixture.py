"""One mixture layer: task router, context, token router, experts, and what the other systems put in their place."""

import math

import torch
from torch import Tensor

import languages
import losses
import routing
from layers import feed_forward
from step import Side, Step, binary32, wide


def mixture(step: Step, stack: str, layer: int, x: Tensor, r: Tensor | None) -> Tensor:
    """x [B,L,d], the rows that enter the layer; r [B,d], the task vector where there is one. Returns y [B,L,d]."""
    name = f"{stack}.layers.{layer}.moe"
    side = step.side(stack)
    u, allowed = routing_input(step, name, side, x, r)
    probs, selected, kept = token_router(step, name, side, u, allowed)
    g = routing.gates(step.settings, probs, kept, step.fault)
    step.record(f"{name}.gates", g, side.rows)
    y = experts(step, name, u if step.settings.feed_experts else x, g, kept & side.rows[..., None])
    if step.settings.system == "residual":
        y = blend(step, name, side, x, y)
    step.record(f"{name}.output", y, side.rows)
    return y


# ---- what the token router reads, and which experts it may choose --------------------------------------------------

def routing_input(step: Step, name: str, side: Side, x: Tensor, r: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """u [B,L,d] and the candidates [B,E], or None where all experts are."""
    settings, allowed, u = step.settings, None, x
    if settings.has_task_router:
        assert r is not None
        allowed = task_router(step, name, r, None)
        losses.add_task_balance(step, name, r)
    elif settings.system == "lingual":
        vectors = languages.vectors(step)
        language = side.language if step.fault == "group-by-source" else step.batch["tgt_language"].long()
        allowed = task_router(step, name, vectors, language)
        languages.add_family(step, name, vectors)
    elif settings.system == "fixed":
        allowed = owned(step, name, side)
    elif reads_language(step, side):
        u = step["language.embedding.weight"][side.language][:, None].expand_as(x)
    if settings.context_form != "none":
        u = with_context(step, name, side, x)
    if settings.infuses:
        assert r is not None
        u = u + r[:, None]
    step.record(f"{name}.routing_input", u, side.rows)
    return u, allowed


def task_router(step: Step, name: str, r: Tensor, language: Tensor | None) -> Tensor:
    """P_task = softmax(W_t r); candidates = the C largest, [B,E]. The mask is hard: no gradient passes it. r has a row
    for each sentence, or for each language, of which the sentences take theirs."""
    task_probs = torch.softmax(wide(step.linear(f"{name}.task_router", r)), dim=-1)
    if language is not None:
        task_probs = task_probs[language]
    step.record(f"{name}.task_probs", task_probs)
    own = routing.largest(task_probs, candidate_count(step))
    step.own[f"{name}.candidates"] = own
    allowed = step.forced.get(f"{name}.candidates", own)
    step.record(f"{name}.candidates", allowed)
    return allowed


def candidate_count(step: Step) -> Tensor:
    """C of every sentence, [B]; in lingual-moe that of its target language."""
    if step.settings.system == "lingual":
        return languages.group_sizes(step)[step.batch["tgt_language"].long()]
    return torch.full_like(step.batch["tgt_language"].long(), step.settings.candidates)


def owned(step: Step, name: str, side: Side) -> Tensor:
    """The experts 2i and 2i + 1 of a sentence whose language on this side is i, [B,E]."""
    if step.fault == "fixed-other-side":
        side = step.side("decoder" if side.stack == "encoder" else "encoder")
    pair = 2 * side.language[:, None] + torch.arange(2, device=side.language.device)
    allowed = torch.zeros(len(pair), step.settings.experts, dtype=torch.bool, device=pair.device)
    allowed = allowed.scatter(1, pair, True)
    step.own[f"{name}.candidates"] = allowed
    step.record(f"{name}.candidates", allowed)
    return allowed


def reads_language(step: Step, side: Side) -> bool:
    """Whether routers read the target language's vector and not the rows."""
    return step.settings.system == "hybrid" and side.stack == "decoder" and step.fault != "hybrid-reads-rows"


def context(step: Step, side: Side, x: Tensor) -> Tensor:
    """Encoder: c = mean of x over the sentence's rows, on every row. Decoder: c_t = mean of rows 0 to t."""
    kept = torch.where(side.rows[..., None], x, torch.zeros((), dtype=x.dtype, device=x.device))
    if side.stack == "encoder":
        count = x.shape[1] if step.fault == "context-padding" else side.rows.sum(1, keepdim=True)
        return (kept.sum(1) / count)[:, None].expand_as(x)
    total, count = kept.cumsum(1), side.rows.cumsum(1)[..., None]
    if step.fault == "context-next":
        total = torch.cat([total[:, 1:], total[:, -1:]], dim=1)
        count = torch.cat([count[:, 1:], count[:, -1:]], dim=1)
    if step.fault == "context-past":
        total, count = total - kept, (count - 1).clamp(min=1)
    return total / count


def with_context(step: Step, name: str, side: Side, x: Tensor) -> Tensor:
    """lambda = sigmoid(W_g [x; c] + b_g);  interpolate: u = lambda x + (1 - lambda) c;  add: u = x + lambda c."""
    c = context(step, side, x.detach() if step.fault == "context-detached" else x)
    step.record(f"{name}.context", c, side.rows)
    gate = torch.sigmoid(step.linear(f"{name}.context_gate", torch.cat([x, c], dim=-1)))
    return gate * x + (1 - gate) * c if step.settings.context_form == "interpolate" else x + gate * c


# ---- tokens --------------------------------------------------------------------------------------------------------

def token_router(step: Step, name: str, side: Side, u: Tensor,
                 candidates: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """P = softmax(W_r u) over the candidates, 0 outside; the selected before and after capacity; all [B,L,E]."""
    settings = step.settings
    if reads_language(step, side):      # once for a language, so that its rows have one P to the last bit
        z = wide(step.linear(f"{name}.router", step["language.embedding.weight"]))[side.language][:, None]
        z = z.expand(*u.shape[:2], settings.experts)
    else:
        z = wide(step.linear(f"{name}.router", u))
    allowed = None if candidates is None else candidates[:, None].expand_as(z)
    if allowed is not None:
        z = z.masked_fill(~allowed, -math.inf)
        step.own[f"{name}.allowed"] = allowed
    probs = torch.softmax(z, dim=-1)
    step.record(f"{name}.router_probs", probs, side.rows)

    own = routing.choose(settings, probs, allowed, step.fault) & side.rows[..., None]
    if step.ties is not None and step.update > 0:
        own = step.ties.selection(step.update, f"{name}.router", probs, own)
    step.own[f"{name}.selected"] = own
    selected = step.forced.get(f"{name}.selected", own)
    step.record(f"{name}.selected", selected)
    losses.add_token_balance(step, side, probs, selected)
    losses.add_dynamic(step, side, probs)

    kept = routing.places(settings, probs, selected, side.rows) if step.training else selected
    step.own[f"{name}.kept"] = kept
    return probs, selected, step.forced.get(f"{name}.kept", kept)


def experts(step: Step, name: str, x: Tensor, g: Tensor, kept: Tensor) -> Tensor:
    """y = sum over e ascending of g_e drop(W2 drop(relu(W1 x + b1)) + b2), every expert with its own weights."""
    settings = step.settings
    sentences, length, width = x.shape
    rows = x.reshape(-1, width)
    gate_rows = g.to(x.dtype).reshape(-1, settings.experts)
    y = torch.zeros_like(rows)
    for expert in range(settings.experts):
        served = kept.reshape(-1, settings.experts)[:, expert].nonzero().squeeze(1)
        if len(served) == 0:
            continue
        inner = f"{name}.experts.fc1"
        hidden = step.relu(inner, expert_linear(step, inner, expert, rows[served]), (expert,))
        hidden = drop_rows(step, f"{name}.experts.activation", hidden, settings.activation_dropout,
                           (sentences, length), served, expert)
        output = expert_linear(step, f"{name}.experts.fc2", expert, hidden)
        if step.fault != "expert-dropout":
            output = drop_rows(step, f"{name}.experts", output, settings.dropout, (sentences, length), served, expert)
        y = y.index_add(0, served, gate_rows[served, expert, None] * output)
    if step.fault == "expert-dropout":
        everyone = torch.arange(len(y), device=y.device)
        y = drop_rows(step, f"{name}.experts", y, settings.dropout, (sentences, length), everyone, 0)
    return y.reshape(x.shape)


def expert_linear(step: Step, name: str, expert: int, x: Tensor) -> Tensor:
    return torch.nn.functional.linear(x, step[name + ".weight"][expert], step[name + ".bias"][expert])


def drop_rows(step: Step, name: str, x: Tensor, rate: float, size: tuple[int, int], served: Tensor,
              expert: int) -> Tensor:
    """Dropout of one expert's rows: the mask has the shape [B,L,E,width], as if every expert saw every row."""
    if rate == 0 or not step.training:
        return x
    keep = step.keep(name, (*size, step.settings.experts, x.shape[-1]), rate)
    keep = keep.flatten(0, 1)[served, expert]
    return torch.where(keep, x * binary32(1 / (1 - rate)), torch.zeros((), dtype=x.dtype, device=x.device))


def blend(step: Step, name: str, side: Side, x: Tensor, y: Tensor) -> Tensor:
    """cmr: (1 - q) FFN(x) + q MoE(x), q = sigmoid(w . x + b);  softmax: w_0 MoE(x) + w_1 FFN(x), w = softmax(W_c x)."""
    shared = feed_forward(step, f"{name}.shared", x)
    gate = step.linear(f"{name}.shared_gate", x)
    if step.settings.config["residual"]["form"] == "softmax":
        weight = torch.softmax(wide(gate), dim=-1).to(x.dtype)
        step.record(f"{name}.shared_gate", weight, side.rows)
        if step.fault == "blend-exchanged":
            weight = weight.flip(-1)
        return weight[..., :1] * y + weight[..., 1:] * shared
    q = torch.sigmoid(gate)
    step.record(f"{name}.shared_gate", q, side.rows)
    losses.add_budget(step, side, q)
    if step.fault == "blend-exchanged":
        q = 1 - q
    return (1 - q) * shared + q * y
