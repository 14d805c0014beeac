"""Writes a checkpoint of Llama-2-7b's shape with random bf16 weights, 13.5 GB in the usual layout.

For timing a model that is as large as memory or larger; its numbers mean nothing. The tokenizer
has one piece a byte, so that any text will do as a corpus.

    python3 write_random_llama.py FOLDER [--layers 32]

Needs numpy.
"""

import argparse
import json
import pathlib
import struct

import numpy

HIDDEN, INTERMEDIATE, HEADS, VOCABULARY = 4096, 11008, 32, 32000


def tensors(layers):
    """Names and shapes in the order of the file."""
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", (HIDDEN,)
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            yield f"{prefix}self_attn.{name}.weight", (HIDDEN, HIDDEN)
        yield prefix + "post_attention_layernorm.weight", (HIDDEN,)
        yield prefix + "mlp.gate_proj.weight", (INTERMEDIATE, HIDDEN)
        yield prefix + "mlp.up_proj.weight", (INTERMEDIATE, HIDDEN)
        yield prefix + "mlp.down_proj.weight", (HIDDEN, INTERMEDIATE)
    yield "model.norm.weight", (HIDDEN,)
    yield "lm_head.weight", (VOCABULARY, HIDDEN)


def bf16(values):
    """Upper halves of float32 numbers: rounded towards zero, which is random enough."""
    return (values.view(numpy.uint32) >> 16).astype("<u2")


def write_weights(path, layers, seed):
    header, offset = {}, 0
    for name, shape in tensors(layers):
        size = 2 * int(numpy.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = numpy.random.Generator(numpy.random.SFC64(seed))
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors(layers):
            if len(shape) == 1:
                file.write(bf16(numpy.ones(shape, numpy.float32)).tobytes())
                continue
            # Uniform with the variance that keeps activations near their size.
            width = numpy.float32((3 / shape[1]) ** 0.5)
            for first in range(0, shape[0], 2048):
                rows = min(2048, shape[0] - first)
                values = random.random((rows, shape[1]), numpy.float32)
                file.write(bf16((values * 2 - 1) * width).tobytes())


def byte_characters():
    """The character that byte-level tokenizers write for each byte."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(others)) for byte in range(256)]


def write_texts(folder, layers):
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN,
        "intermediate_size": INTERMEDIATE, "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS, "num_hidden_layers": layers, "vocab_size": VOCABULARY,
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "hidden_act": "silu", "tie_word_embeddings": False, "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": True}
    tokenizer = {
        "version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": level,
        "post_processor": None, "decoder": level,
        "model": {"type": "BPE", "merges": [],
                  "vocab": {text: index for index, text in enumerate(byte_characters())}},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, indent=1))


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--layers", type=int, default=32)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write_weights(chosen.folder / "model.safetensors", chosen.layers, chosen.seed)
    write_texts(chosen.folder, chosen.layers)


if __name__ == "__main__":
    main()
