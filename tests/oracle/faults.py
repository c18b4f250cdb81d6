"""Mistakes that people make when they write this model again. Each has its place in the code, where `fault` is asked
for its name; `thor golden compare` has to name the first tensor that it touches."""

FAULTS = {
    "adam-eps": "Adam's eps is added to the corrected root of v",
    "adam-step": "Adam's corrections count the step from 2",
    "attention-scale": "attention scores divided by the root of d instead of the root of d / H",
    "balance-gradient": "the token balance loss has a gradient through f (straight through the selection)",
    "balance-padding": "the token balance loss takes means over padding too",
    "context-detached": "the context has no gradient",
    "context-next": "the decoder's context includes the next token",
    "context-padding": "the encoder's context divides by the padded length",
    "context-past": "the decoder's context leaves out the row itself",
    "dropout-site": "dropout after cross-attention draws from the site of self-attention",
    "drop-stream": "dropout of the sum with the residual stream",
    "embedding-scale": "embeddings without the factor sqrt(d)",
    "eps-outside": "the layer norm adds eps outside the root",
    "expert-dropout": "one mask of dropout for the sum of the experts",
    "gradient-sum": "gradients of the sum over target tokens, not of their mean",
    "max-padding": "the maximum over a sentence takes padding for 0",
    "no-clip": "gradients are not clipped",
    "not-renormalised": "the gates of top-k are not divided by their sum",
    "post-norm": "layer norm after the residual sum although the configuration says before",
    "query-scale": "queries are scaled before their bias is added",
    "rate-ahead": "the learning rate is that of the next update",
    "task-detached": "the task vector has no gradient",
    "top-p-short": "top-p stops before the expert that reaches p",
}

# What `thor golden compare` has to name: the first of these that both sides have. A file stands for any of its tensors.
FIRST = {
    "adam-eps": ["after.safetensors"],
    "adam-step": ["after.safetensors: decoder.layer_norm.bias"],
    "attention-scale": ["encoder.layers.0.self_attn.q.output", "encoder.layers.0.self_attn.output",
                        "encoder.layers.0.output"],
    "balance-gradient": ["gradients.safetensors: decoder.layers.*.moe.router.weight"],
    "balance-padding": ["losses.json: losses.token_balance"],
    "context-detached": ["gradients.safetensors: decoder.layers.1.ffn_norm.bias"],
    "context-next": ["decoder.layers.1.moe.context"],
    "context-padding": ["encoder.layers.1.moe.context"],
    "context-past": ["decoder.layers.1.moe.context"],
    "drop-stream": ["encoder.layers.0.self_attn.output", "encoder.layers.0.output"],
    "dropout-site": ["dropout.safetensors: decoder.layers.0.cross_attn.dropout"],
    "embedding-scale": ["encoder.embed.output", "encoder.layers.0.output"],
    "eps-outside": ["encoder.layers.0.self_attn_norm.output", "encoder.layers.0.output"],
    "expert-dropout": ["encoder.layers.1.moe.experts.output", "encoder.layers.1.moe.output"],
    "gradient-sum": ["gradients.safetensors: decoder.layer_norm.bias"],
    "max-padding": ["task.probs"],
    "no-clip": ["golden.json: updates.001.clip", "after.safetensors"],
    "not-renormalised": ["encoder.layers.1.moe.gates"],
    "post-norm": ["encoder.layers.0.self_attn_norm.output", "encoder.layers.0.output"],
    "query-scale": ["encoder.layers.0.self_attn.q.output", "encoder.layers.0.self_attn.output",
                    "encoder.layers.0.output"],
    "rate-ahead": ["golden.json: updates.001.lr", "after.safetensors: decoder.layer_norm.bias"],
    "task-detached": ["gradients.safetensors: task.embedding.weight"],
    "top-p-short": ["encoder.layers.1.moe.selected"],
}

# These cannot be told from rounding in 16 bits, or are only seen in what is not judged there.
NOT_IN_LOW_PRECISION = ("adam-eps", "adam-step", "eps-outside", "no-clip", "rate-ahead")
