"""Rotations that `compare_configurations.py` tries: every type in both spellings, its options at
their edges, and what old and new fields say at once."""

from configuration_cases import LEFT_OUT, ROTATING, TEXT, add

BASE_FIELD = {"gpt_neox": "rotary_emb_base"}
# Architectures with a rotation for each type of layer, and the base of the windowed layers.
LAYERED = {"gemma3_text": 10_000.0, "olmo3": 500_000.0}
SHARED = {"gpt_neox": "rotary_pct", "phi": "partial_rotary_factor",
          "phi3": "partial_rotary_factor", "stablelm": "partial_rotary_factor"}
PAIRS = {"phi": 4, "stablelm": 2, "gpt_neox": 2}

LONG = {"short_factor": [1.0 + 0.1 * i for i in range(8)],
        "long_factor": [1.5 + i for i in range(8)]}
SCALINGS = {
    "linear": {"rope_type": "linear", "factor": 2.5},
    "dynamic": {"rope_type": "dynamic", "factor": 3.0},
    "llama3": {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0,
               "high_freq_factor": 4.0, "original_max_position_embeddings": 48},
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    "longrope": {"rope_type": "longrope", "original_max_position_embeddings": 64, **LONG},
}


def without(parameters: dict) -> dict:
    return {key: value for key, value in parameters.items() if value is not LEFT_OUT}


def for_pairs(kind: str, parameters: dict) -> dict:
    """The parameters with as many divisors as the architecture has frequencies."""
    return {key: value[: PAIRS.get(kind, 8)] if isinstance(value, list) else value
            for key, value in parameters.items()}


def newer(kind: str, parameters: dict) -> dict:
    """`rope_parameters`, where there is one for each type of layer those of full attention."""
    base = {BASE_FIELD.get(kind, "rope_theta"): LEFT_OUT}
    if kind not in LAYERED:
        return base | {"rope_parameters": parameters}
    return base | {"rope_parameters": {
        "full_attention": parameters,
        "sliding_attention": {"rope_type": "default", "rope_theta": LAYERED[kind]}}}


for kind in ROTATING:
    base = BASE_FIELD.get(kind, "rope_theta")
    older_base = {} if kind == "olmo3" else {base: 9000.0}
    add(kind, "base", {base: 700.0})
    add(kind, "parameters", newer(kind, {"rope_type": "default", "rope_theta": 700.0}))
    if kind in (*LAYERED, "llama", "mistral", "qwen2"):
        add(kind, "nested-parameters", {"rope_parameters": {
            "full_attention": {"rope_type": "linear", "rope_theta": 9000.0, "factor": 4.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 500.0}}})
    is_all = kind in {*LAYERED, "llama", "phi", "stablelm", "gpt_neox"}
    for name, parameters in SCALINGS.items():
        parameters = for_pairs(kind, parameters)
        beside = {"max_position_embeddings": 40} if name == "dynamic" else {}
        if kind == "phi3" and name == "longrope":
            beside = {"original_max_position_embeddings": 64}
        if is_all or name == "yarn":
            key = "rope_type" if kind in LAYERED else "type"
            older = {key if field == "rope_type" else field: value
                     for field, value in parameters.items()}
            add(kind, f"{name}-older", beside | older_base | {"rope_scaling": older})
        if is_all or name in ("llama3", "longrope"):
            add(kind, name, beside | newer(kind, parameters | {"rope_theta": 9000.0}))
    share = SHARED.get(kind, "partial_rotary_factor")
    add(kind, "share=0.5", {share: 0.5})
    if kind in (*SHARED, "llama", "gemma3_text"):
        add(kind, "share=1.0", {share: 1.0})
        add(kind, "parameters-share=0.5", newer(kind, {
            "rope_type": "default", "rope_theta": 9000.0, "partial_rotary_factor": 0.5}))
for kind in LAYERED:
    add(kind, "linear-older-type", {"rope_scaling": {"type": "linear", "factor": 2.0}})
    add(kind, "parameters-flat", {"rope_parameters": {"rope_type": "default",
                                                      "rope_theta": 700.0}})

# Options at their edges.
YARN = SCALINGS["yarn"] | {"rope_theta": 9000.0}
for name, changes in {
        "attention-factor": {"attention_factor": 1.4},
        "attention-factor=None": {"attention_factor": None},
        "betas": {"beta_fast": 4.0, "beta_slow": 0.5},
        "beta-fast=0": {"beta_fast": 0},
        "beta-slow=0": {"beta_slow": 0},
        "betas=None": {"beta_fast": None, "beta_slow": None},
        "betas-equal": {"beta_fast": 1, "beta_slow": 1},
        "betas-swapped": {"beta_fast": 1, "beta_slow": 32},
        "truncate=False": {"truncate": False},
        "mscale": {"mscale": 0.7},
        "mscale-all": {"mscale": 0.7, "mscale_all_dim": 0.3},
        "mscale-all-alone": {"mscale_all_dim": 0.3},
        "mscale=0": {"mscale": 0.0, "mscale_all_dim": 0.3},
        "mscale=1": {"mscale": 1.0, "mscale_all_dim": 1.0},
        "factor=None": {"factor": None},
        "factor=1": {"factor": 1.0},
        "factor=0.5": {"factor": 0.5},
        "context=left-out": {"original_max_position_embeddings": LEFT_OUT},
        "context=1": {"original_max_position_embeddings": 1},
        "context=37": {"original_max_position_embeddings": 37},
        "finetuned": {"finetuned": True},
        "type-both": {"type": "yarn"},
        "type-other": {"type": "linear"},
        "attn-factor": {"attn_factor": 2.0},
        "low-base": {"rope_theta": 20.0}}.items():
    parameters = without(YARN | changes)
    add("llama", f"yarn-{name}", {"rope_parameters": parameters})
    if name in ("attention-factor", "betas", "truncate=False", "mscale-all", "factor=None"):
        for kind in LAYERED:
            add(kind, f"yarn-{name}", newer(kind, parameters))
for name, changes in {
        "low-high": {"low_freq_factor": 0.5, "high_freq_factor": 16.0},
        "equal": {"low_freq_factor": 2.0, "high_freq_factor": 2.0},
        "swapped": {"low_freq_factor": 4.0, "high_freq_factor": 1.0},
        "factor=1": {"factor": 1.0}, "factor=0.5": {"factor": 0.5},
        "context=left-out": {"original_max_position_embeddings": LEFT_OUT},
        "low=0": {"low_freq_factor": 0.0},
        "ints": {"low_freq_factor": 1, "high_freq_factor": 4, "factor": 8},
        "factor=left-out": {"factor": LEFT_OUT}}.items():
    add("llama", f"llama3-{name}", {
        "rope_parameters": without(SCALINGS["llama3"] | {"rope_theta": 9000.0} | changes)})
for name, changes in {
        "attention-factor": {"attention_factor": 1.3}, "factor": {"factor": 2.0},
        "factor=1": {"factor": 1.0}, "factor=None": {"factor": None},
        "context=left-out": {"original_max_position_embeddings": LEFT_OUT},
        "context-long": {"original_max_position_embeddings": 200},
        "context-exact": {"original_max_position_embeddings": len(TEXT)},
        "context-one-less": {"original_max_position_embeddings": len(TEXT) - 1},
        "mscales": {"short_mscale": 1.2, "long_mscale": 1.4},
        "su": {"rope_type": "su"}, "yarn": {"rope_type": "yarn"},
        "short=left-out": {"short_factor": LEFT_OUT},
        "too-few": {"long_factor": [2.0] * 7}}.items():
    parameters = without(SCALINGS["longrope"] | {"rope_theta": 9000.0} | changes)
    outer = parameters.get("original_max_position_embeddings", LEFT_OUT)
    add("llama", f"longrope-{name}", {"rope_parameters": parameters})
    if name in ("factor", "context-long", "context-exact", "su", "mscales"):
        add("phi3", f"longrope-{name}", {"rope_parameters": parameters,
                                         "original_max_position_embeddings": outer})
    if name in ("factor", "context-long"):
        add("phi3", f"longrope-inner-{name}", {"rope_parameters": parameters})

# What old and new fields say at once.
LINEAR = {"type": "linear", "factor": 2.0}
NEWER = {"rope_type": "linear", "factor": 2.0, "rope_theta": 700.0}
SPELLINGS = {
    "theta=None": {"rope_theta": None},
    "theta=500": {"rope_theta": 500},
    "theta=1": {"rope_theta": 1.0},
    "theta=0.5": {"rope_theta": 0.5},
    "scaling-empty": {"rope_theta": 500.0, "rope_scaling": {}},
    "parameters-empty": {"rope_theta": 500.0, "rope_parameters": {}},
    "scaling=None": {"rope_theta": 500.0, "rope_scaling": None},
    "scaling-default": {"rope_theta": 500.0, "rope_scaling": {"rope_type": "default"}},
    "scaling-untyped": {"rope_theta": 500.0, "rope_scaling": {"factor": 4.0}},
    "scaling-unknown": {"rope_scaling": {"rope_type": "ntk", "factor": 4.0}},
    "scaling-proportional": {"rope_scaling": {"rope_type": "proportional"}},
    "scaling-theta-inside": {"rope_scaling": LINEAR | {"rope_theta": 700.0}},
    "scaling-theta-both": {"rope_theta": 9000.0, "rope_scaling": LINEAR | {"rope_theta": 700.0}},
    "both-equal": {"rope_theta": 700.0, "rope_scaling": LINEAR, "rope_parameters": NEWER},
    "both-base-in-newer": {"rope_scaling": LINEAR, "rope_parameters": NEWER},
    "both-differ": {"rope_scaling": LINEAR, "rope_parameters": NEWER | {"factor": 3.0}},
    "bases-differ": {"rope_theta": 700.0, "rope_parameters": {
        "rope_type": "default", "rope_theta": 9000.0}},
    "base-beside-parameters": {"rope_theta": 700.0, "rope_parameters": {
        "rope_type": "linear", "factor": 2.0}},
    "parameters-theta=None": {"rope_parameters": {"rope_type": "default", "rope_theta": None}},
    "parameters-untyped": {"rope_parameters": {"rope_theta": 700.0}},
    "parameters-type": {"rope_parameters": LINEAR | {"rope_theta": 700.0}},
    "parameters-mrope": {"rope_parameters": {"rope_type": "default", "rope_theta": 700.0,
                                             "mrope_section": [2, 3, 3]}},
    "linear-factor=1": {"rope_scaling": LINEAR | {"factor": 1}},
    "linear-factor=0.5": {"rope_scaling": LINEAR | {"factor": 0.5}},
    "linear-factor=left-out": {"rope_scaling": {"type": "linear"}},
    "linear-attention-factor": {"rope_scaling": LINEAR | {"attention_factor": 2.0}},
    "dynamic-context": {"max_position_embeddings": 40, "rope_scaling": {
        "type": "dynamic", "factor": 2.0, "original_max_position_embeddings": 20}},
    "dynamic-factor=0.9": {"max_position_embeddings": 40, "rope_scaling": {
        "type": "dynamic", "factor": 0.9}},
    "dynamic-short": {"max_position_embeddings": 111, "rope_scaling": {
        "type": "dynamic", "factor": 2.0}},
    "outer-context": {"original_max_position_embeddings": 40, "rope_scaling": {
        "type": "yarn", "factor": 4.0}},
    "outer-context-differs": {"original_max_position_embeddings": 40, "rope_scaling": {
        "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}},
}
OFTEN = {"theta=None", "scaling-empty", "parameters-empty", "scaling-default", "scaling-untyped",
         "scaling-theta-inside", "both-equal", "both-base-in-newer", "bases-differ",
         "parameters-theta=None", "parameters-untyped", "outer-context"}
for name, changes in SPELLINGS.items():
    add("llama", f"rope-{name}", changes)
    if name in OFTEN:
        add("gemma3_text", f"rope-{name}", changes)
