"""Writes `paper-models.json`: configurations of the models that the paper measured, with the
rotations that transformers makes of them.

    python make_paper_models.py

Made with transformers 5.2.0. The configurations hold what the published files say of the architecture.
`inverse_frequencies` are radians a position of each pair in a text of `length` tokens. The file of
Llama-2-7b-80k does not tell how its authors ran it: its rotation is that of dynamic scaling with
factor 10 held at 81,920 positions, which `rope` asks for.
"""

import json
from pathlib import Path

from transformers import AutoConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

LLAMA_2 = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
    "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
    "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-05, "rope_scaling": None, "tie_word_embeddings": False,
    "vocab_size": 32000, "torch_dtype": "float16"}
LLAMA_3 = LLAMA_2 | {
    "intermediate_size": 14336, "num_key_value_heads": 8, "max_position_embeddings": 8192,
    "rope_theta": 500000.0, "vocab_size": 128256, "torch_dtype": "bfloat16",
    "attention_bias": False}
LINEAR = {"type": "linear", "factor": 8.0}

# Name: configuration, the scaling that `--rope` adds, length
MODELS = {
    "Llama-2-7b": (LLAMA_2, None, 4096),
    "Llama-2-7b-32k": (LLAMA_2 | {
        "max_position_embeddings": 32768, "rope_scaling": LINEAR}, None, 32768),
    "longlora-32k-ft": (LLAMA_2 | {"rope_scaling": LINEAR, "vocab_size": 32001}, None, 32768),
    "Llama-2-7b-80k": (LLAMA_2, "dynamic:10@81920", 81920),
    "Llama-3-8b": (LLAMA_3, None, 8192),
    "Llama-3.1-8b": (LLAMA_3 | {"max_position_embeddings": 131072, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192}}, None, 131072),
    "gemma-7b": ({
        "model_type": "gemma", "architectures": ["GemmaForCausalLM"], "hidden_act": "gelu",
        "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 3072,
        "intermediate_size": 24576, "num_hidden_layers": 28, "num_attention_heads": 16,
        "num_key_value_heads": 16, "head_dim": 256, "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 10000.0,
        "vocab_size": 256000, "torch_dtype": "bfloat16", "attention_bias": False}, None, 8192),
}


def rotation(config: dict, rope: str | None, length: int) -> list[float]:
    given = {key: value for key, value in config.items() if key != "model_type"}
    if rope:
        kind, factor = rope.split("@")[0].split(":")
        given["rope_scaling"] = {"rope_type": kind, "factor": float(factor)}
    model = AutoConfig.for_model(config["model_type"], **given)
    kind = model.rope_parameters["rope_type"]
    if kind == "default":
        size = model.head_dim
        base = model.rope_parameters["rope_theta"]
        return [base ** (-2 * pair / size) for pair in range(size // 2)]
    frequencies, factor = ROPE_INIT_FUNCTIONS[kind](model, device="cpu", seq_len=length)
    assert factor == 1
    return frequencies.tolist()


models = [
    {"name": name, "config": config, "rope": rope, "length": length,
     "inverse_frequencies": [float(f"{value:.9g}") for value in rotation(config, rope, length)]}
    for name, (config, rope, length) in MODELS.items()]
path = Path(__file__).parent / "paper-models.json"
path.write_text("[\n" + ",\n".join(json.dumps(model) for model in models) + "\n]\n")
