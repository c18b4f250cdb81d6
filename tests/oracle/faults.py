"""Mistakes that people make when they write this model again. Each has its place in the code, where `fault` is asked
for its name; `thor golden compare` has to name the first tensor that it touches."""

FAULTS = {
    "attention-scale": "attention scores divided by the root of d instead of the root of d / H",
    "balance-gradient": "the token balance loss has a gradient through f (straight through the selection)",
    "blend-exchanged": "residual-moe's two weights exchanged",
    "context-next": "the decoder's context includes the next token",
    "dropout-site": "dropout after cross-attention draws from the site of self-attention",
    "embedding-scale": "embeddings without the factor sqrt(d)",
    "family-once": "the family loss takes (a, j) and (j, a) as one pair",
    "fixed-other-side": "ls-moe takes the other side's language",
    "group-by-source": "lingual-moe's encoder takes the source language's candidates",
    "hybrid-reads-rows": "hybrid-moe's decoder routes rows, as its encoder does",
    "post-norm": "layer norm after the residual sum although the configuration says before",
    "top-p-short": "top-p stops before the expert that reaches p",
}
