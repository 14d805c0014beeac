"""Writes the tiny checkpoints of this folder and what transformers makes of them.

    python make_fixtures.py

Made with torch 2.15.0, transformers 5.2.0, safetensors 0.8.0 and gguf 0.19.0. Every model is a
random LlamaForCausalLM of 3 layers, with weights and norms spread widely enough that a wrong
rotary base, scale or head order changes the logits by far more than rounding. Beside each lies
`reference.safetensors`, computed in float32 with eager attention, without a cache, from the
weights as stored:

    tokens          (n)                           int32
    logits          (n, vocabulary)               float32
    attention_rows  (r)                           int32, query positions
    attention       (layers, heads, r, n)         float32, zero after the query
    key_norms       (layers, kv_heads, n)         float64, before the rotation, after the bias
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import dequantize, quantize
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
VOCABULARY, LAYERS, HEADS, KV_HEADS = 96, 3, 4, 2
PROMPT = 67
ATTENTION_ROWS = [20, PROMPT - 2, PROMPT - 1]


def configuration(**changes) -> LlamaConfig:
    values = {
        "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 64,
        "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS, "max_position_embeddings": 128,
        "initializer_range": 0.2, "tie_word_embeddings": True, "rms_norm_eps": 1e-5,
        "bos_token_id": 0, "eos_token_id": 1,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }
    return LlamaConfig(**(values | changes))


def random_model(config: LlamaConfig, seed: int, dtype: torch.dtype) -> LlamaForCausalLM:
    """Linear layers as transformers draws them; norms and biases, else 1 and 0, drawn too."""
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("norm.weight"):
                parameter.uniform_(0.6, 1.4)
            elif name.endswith(".bias"):
                parameter.normal_(std=0.3)
    return model.to(dtype)


def prompt(seed: int) -> torch.Tensor:
    """BOS, then ids drawn with repeats, so that equal tokens occur at many positions."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(2, VOCABULARY // 2, (PROMPT,), generator=generator)
    ids[0] = 0
    return ids


def reference(model: LlamaForCausalLM, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    model = model.to(torch.float32).eval()
    model.set_attn_implementation("eager")
    keys = {}
    for index, layer in enumerate(model.model.layers):
        layer.self_attn.k_proj.register_forward_hook(
            lambda _, __, output, index=index: keys.__setitem__(index, output[0]))
    with torch.no_grad():
        output = model(input_ids=ids[None], use_cache=False, output_attentions=True)
    head_dim = model.model.layers[0].self_attn.head_dim
    squares = torch.stack([
        keys[index].double().unflatten(-1, (KV_HEADS, head_dim)).square().sum(-1)
        for index in range(LAYERS)])
    return {
        "tokens": ids.to(torch.int32),
        "logits": output.logits[0].contiguous(),
        "attention_rows": torch.tensor(ATTENTION_ROWS, dtype=torch.int32),
        "attention": torch.cat(output.attentions)[:, :, ATTENTION_ROWS].contiguous(),
        "key_norms": squares.sqrt().transpose(1, 2).contiguous(),  # (layers, kv_heads, n)
    }


def write_reference(folder: Path, seed: int) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    save_file(reference(model, prompt(seed)), folder / "reference.safetensors")


def edit_config(folder: Path, remove: list[str], add: dict) -> None:
    path = folder / "config.json"
    config = {key: value for key, value in json.loads(path.read_text()).items()
              if key not in remove}
    path.write_text(json.dumps(config | add, indent=2) + "\n")


def write_checkpoint(name: str, seed: int, dtype: torch.dtype, shard: str = "1GB",
                     **changes) -> Path:
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model = random_model(configuration(**changes), seed, dtype)
    model.save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink()
    write_reference(folder, seed)
    return folder


# GGUF

GGUF_NAMES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
OUTER_NAMES = {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}


def gguf_name(name: str) -> str:
    stem = name.removesuffix(".weight")
    if stem in OUTER_NAMES:
        return f"{OUTER_NAMES[stem]}.weight"
    _, _, layer, part = stem.split(".", 3)
    return f"blk.{layer}.{GGUF_NAMES[part]}.weight"


def permuted(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a head from halves (i, i + half) to interleaved pairs (2i, 2i + 1)."""
    rows, columns = weight.shape
    halves = weight.reshape(heads, 2, rows // heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)


def unpermuted(weight: np.ndarray, heads: int) -> np.ndarray:
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def tiny_vocabulary() -> tuple[list[str], list[str]]:
    """96 byte-level pieces: two control tokens, a small alphabet and 16 merges."""
    alphabet = "ĠĊ" + "abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    alphabet += "0123456789" + ".,;:!?'\"()-/&*"
    merges = ["Ġ t", "h e", "Ġt he", "i n", "e r", "a n", "o n", "r e", "Ġ a", "Ġa n", "Ġan d",
              "in g", "Ġ o", "Ġo f"]
    pieces = ["<|begin|>", "<|end|>", *alphabet, *(merge.replace(" ", "") for merge in merges)]
    pieces += [f"<|unused{index}|>" for index in range(VOCABULARY - len(pieces))]
    assert len(pieces) == VOCABULARY
    return pieces, merges


def write_gguf(path: Path, model: LlamaForCausalLM, kind: GGMLQuantizationType) -> None:
    """Metadata and order of q and k rows as the converter of llama.cpp writes them."""
    config = model.config
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_file_type(LlamaFileType.ALL_F32 if kind == GGMLQuantizationType.F32
                         else LlamaFileType.MOSTLY_Q8_0)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(config.head_dim)
    pieces, merges = tiny_vocabulary()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(pieces)
    writer.add_token_types([
        TokenType.CONTROL if piece in pieces[:2]
        else TokenType.UNUSED if piece.startswith("<|unused") else TokenType.NORMAL
        for piece in pieces])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)
    writer.add_quantization_version(2)
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":
            continue
        values = tensor.float().numpy()
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            values = permuted(values, HEADS if "q_proj" in name else KV_HEADS)
        if values.ndim == 1 or kind == GGMLQuantizationType.F32:
            writer.add_tensor(gguf_name(name), values)
        else:
            writer.add_tensor(gguf_name(name), quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def model_from_gguf(path: Path, config: LlamaConfig) -> LlamaForCausalLM:
    """The weights as stored in the file, dequantised, in the order of transformers."""
    model = LlamaForCausalLM(config)
    stored = {tensor.name: tensor for tensor in GGUFReader(path).tensors}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            tensor = stored[gguf_name(name)]
            values = dequantize(tensor.data, tensor.tensor_type).reshape(parameter.shape)
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                values = unpermuted(values, HEADS if "q_proj" in name else KV_HEADS)
            parameter.copy_(torch.from_numpy(values.copy()))
    return model


def write_ggufs(folder: Path, seed: int) -> None:
    """The model of `folder` again as GGUF, in F32 and in Q8_0."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    target = HERE / "gguf"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for label, kind in (("f32", GGMLQuantizationType.F32), ("q8_0", GGMLQuantizationType.Q8_0)):
        path = target / f"tiny-{label}.gguf"
        write_gguf(path, model, kind)
        values = reference(model_from_gguf(path, model.config), prompt(seed))
        if kind == GGMLQuantizationType.F32:
            expected = reference(model, prompt(seed))
            assert torch.equal(values["logits"], expected["logits"])
        else:
            save_file(values, target / f"reference-{label}.safetensors")


def main() -> None:
    tied = write_checkpoint("gqa-tied", 1, torch.float32)
    write_ggufs(tied, 1)
    write_checkpoint("untied-output", 2, torch.bfloat16, tie_word_embeddings=False,
                     hidden_size=64, intermediate_size=64)
    write_checkpoint("biases", 3, torch.float16, attention_bias=True, mlp_bias=True)
    write_checkpoint("sharded", 4, torch.bfloat16, shard="30KB")
    write_checkpoint("head-dim", 5, torch.bfloat16, head_dim=16)
    rotary = {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}}
    write_checkpoint("rope-theta", 6, torch.float16, **rotary)
    old = write_checkpoint("rope-theta-old-spelling", 6, torch.float16, **rotary)
    edit_config(old, ["rope_parameters", "dtype", "head_dim"],
                {"rope_theta": 500.0, "rope_scaling": None, "torch_dtype": "float16"})
    write_reference(old, 6)
    assert ((old / "reference.safetensors").read_bytes()
            == (HERE / "rope-theta" / "reference.safetensors").read_bytes())
    (old / "reference.safetensors").unlink()  # that of rope-theta serves


if __name__ == "__main__":
    main()
