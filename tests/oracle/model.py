"""The whole model: task predictor, encoder, decoder, losses; and one step with its gradients."""

import torch
from torch import Tensor

import losses
from layers import attention, embed, feed_forward
from mixture import mixture
from step import Side, Step, wide


def sub_layer(step: Step, rows: Tensor, name: str, norm: str, x: Tensor, function, drop: bool = True) -> Tensor:
    """norm = pre: x + drop(f(LN(x)));  post: LN(x + drop(f(x))). Feed-forward layers and experts drop by themselves."""
    pre = step.settings.pre_norm and step.fault != "post-norm"
    normed = step.layer_norm(norm, x) if pre else x
    y = function(normed)
    drop_stream = drop and step.fault == "drop-stream"
    if drop and not drop_stream:
        y = step.drop(name, y, step.settings.dropout)
    if not name.endswith(".moe"):       # a mixture records its own
        step.record(f"{name}.output", y, rows)
    x = step.drop(name, x + y, step.settings.dropout) if drop_stream else x + y
    x = x if pre or drop_stream else step.layer_norm(norm, x)
    step.record(f"{norm}.output", normed if pre else x, rows)
    return x


def layer(step: Step, side: Side, number: int, x: Tensor, r: Tensor | None, visible: Tensor,
          memory: Tensor | None = None, memory_visible: Tensor | None = None) -> Tensor:
    """Self-attention, in the decoder cross-attention, then a feed-forward network or a mixture."""
    name = f"{side.stack}.layers.{number}"
    x = sub_layer(step, side.rows, f"{name}.self_attn", f"{name}.self_attn_norm", x,
                  lambda rows: attention(step, f"{name}.self_attn", rows, rows, visible))
    if memory is not None:
        x = sub_layer(step, side.rows, f"{name}.cross_attn", f"{name}.cross_attn_norm", x,
                      lambda rows: attention(step, f"{name}.cross_attn", rows, memory, memory_visible))
    if step.settings.is_mixture(number):
        x = sub_layer(step, side.rows, f"{name}.moe", f"{name}.ffn_norm", x,
                      lambda rows: mixture(step, side.stack, number, rows, r), drop=False)
    else:
        x = sub_layer(step, side.rows, f"{name}.ffn", f"{name}.ffn_norm", x,
                      lambda rows: feed_forward(step, f"{name}.ffn", rows), drop=False)
    step.record(f"{name}.output", x, side.rows)
    return x


def last_norm(step: Step, side: Side, x: Tensor) -> Tensor:
    """Each stack ends in a layer norm where the norms stand before the sub-layers."""
    if step.settings.pre_norm and step.fault != "post-norm":
        x = step.layer_norm(f"{side.stack}.layer_norm", x)
    step.record(f"{side.stack}.output", x, side.rows)
    return x


def task_vector(step: Step, stream: Tensor, rows: Tensor, layer: int) -> tuple[Tensor, Tensor]:
    """h = pool of the tapped stream;  p = softmax(W_p h);  mixed: r = sum_k p_k U[k]. Returns W_p h and r [B,d].
    `layer` of the encoder made the stream."""
    task = step.settings.config["task"]
    if task["pool"] == "max":
        hidden = first_largest(step, stream, rows, f"encoder.layers.{layer}.ffn.fc2")
    elif task["pool"] == "mean":
        hidden = (stream * rows[..., None]).sum(1) / rows.sum(1, keepdim=True)
    else:
        hidden = stream[:, 0]
    logits = step.linear("task.predictor", hidden)
    p = torch.softmax(wide(logits), dim=-1)
    step.record("task.probs", p)
    table = step["task.embedding.weight"]
    if task["representation"] == "mixed":
        r = p.to(table.dtype) @ table
    elif task["representation"] == "golden":
        r = table[step.batch["task_label"].long()]
    else:
        stored = p.detach().float()
        step.own["task.predicted"] = torch.sort(stored, dim=-1, descending=True, stable=True).indices[:, 0]
        r = table[step.forced.get("task.predicted", step.own["task.predicted"])]
    step.record("task.mixed", r)
    return logits, r.detach() if step.fault == "task-detached" else r


def first_largest(step: Step, stream: Tensor, rows: Tensor, layer: str) -> Tensor:
    """The largest value of each element over a sentence's rows; of equal ones the first row takes the gradient."""
    visible = stream.detach().masked_fill(~rows[..., None], -torch.inf)
    if step.fault == "max-padding":
        return (stream * rows[..., None]).amax(1)
    places = torch.arange(stream.shape[1], device=stream.device)[None, :, None]
    beyond = torch.full_like(places, stream.shape[1])
    first = torch.where(visible == visible.amax(1, keepdim=True), places, beyond).amin(1, keepdim=True)
    if step.ties is not None:
        first = step.ties.largest(step.update, layer, visible, first)
    return stream.gather(1, first).squeeze(1)


def encode(step: Step) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """The encoder's output, the task predictor's logits and the task vector; the last two None without a predictor."""
    settings, side = step.settings, step.side("encoder")
    visible = side.rows[:, None, :].expand(-1, side.tokens.shape[1], -1)
    mixtures = settings.mixtures("encoder")
    tapped = mixtures[0] - 1 if mixtures else settings.layers["encoder"] - 1
    if settings.config["task"]["tap"] == "embedding":
        tapped = -1
    x, logits, r = embed(step, side), None, None
    for number in range(-1, settings.layers["encoder"]):
        if number >= 0:
            x = layer(step, side, number, x, r, visible)
        if number == tapped and settings.has_predictor:
            logits, r = task_vector(step, x, side.rows, tapped)
    return last_norm(step, side, x), logits, r


def decode(step: Step, memory: Tensor, r: Tensor | None) -> Tensor:
    """logits [B,T,V]: the decoder's output times the embedding matrix."""
    side = step.side("decoder")
    length = side.tokens.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=memory.device).tril()
    visible = side.rows[:, None, :] & causal
    memory_visible = step.side("encoder").rows[:, None, :].expand(-1, length, -1)
    x = embed(step, side)
    for number in range(step.settings.layers["decoder"]):
        x = layer(step, side, number, x, r, visible, memory, memory_visible)
    logits = last_norm(step, side, x) @ step["embed.weight"].T
    step.record("logits", logits, side.rows)
    return logits


def forward(step: Step) -> dict[str, Tensor]:
    """Fills step.trace and returns the losses."""
    memory, task_logits, r = encode(step)
    return losses.all_losses(step, decode(step, memory, r), task_logits)


def forward_backward(step: Step) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Losses and d(total)/d(parameter); zeros where the loss does not depend on a parameter."""
    for parameter in step.parameters.values():
        parameter.requires_grad_(True)
        parameter.grad = None
    values = forward(step)
    values["total"].backward()
    gradients = {name: torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                 for name, parameter in step.parameters.items()}
    return {name: value.item() for name, value in values.items()}, gradients
