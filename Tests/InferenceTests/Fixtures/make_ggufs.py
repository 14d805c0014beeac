"""Writes `gguf/NAME.gguf`: the models of `architectures` as the converter of llama.cpp writes them.

    python make_ggufs.py LLAMA_CPP [NAME...]

LLAMA_CPP is the folder of `convert_hf_to_gguf.py`; made with the one in the source package of
llama-cpp-python 0.3.36 (`vendor/llama.cpp`). Only the vocabulary is not the converter's: the tiny
models have none, so that of `make_fixtures.py` is written. Matrices are float16 as in the
checkpoint, so the reference of the same name in `architectures` holds for both files.
"""

import sys
from pathlib import Path

# The converter's own gguf package knows all that it writes.
LLAMA_CPP = Path(sys.argv[1])
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py")]

import conversion  # noqa: E402
import gguf  # noqa: E402

from make_fixtures import HERE, tiny_vocabulary  # noqa: E402

# Every variant that a GGUF file can tell; those left out have windows, spellings or scalings that
# no key of the file holds.
NAMES = [
    "llama-linear", "llama-llama3", "llama-yarn", "mixtral", "qwen2", "qwen3", "qwen3_moe",
    "gemma", "gemma2", "gemma2-27b", "gemma3", "gemma3-27b", "phi", "phi3-short", "phi3-long",
    "gpt2", "gpt_neox", "olmo2", "smollm3", "granite", "starcoder2", "stablelm",
    "stablelm-parallel",
]


def write_vocabulary(writer: gguf.GGUFWriter) -> None:
    pieces, merges = tiny_vocabulary()
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(pieces)
    writer.add_token_types([
        gguf.TokenType.CONTROL if piece in pieces[:2]
        else gguf.TokenType.UNUSED if piece.startswith("<|unused") else gguf.TokenType.NORMAL
        for piece in pieces])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def convert(name: str) -> None:
    folder = HERE / "architectures" / name
    hparams = conversion.ModelBase.load_hparams(folder, False)
    architecture = hparams["architectures"][0]
    base = conversion.get_model_class(architecture)

    class Tiny(base):
        model_arch = base.model_arch

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            # The converter reads the older spellings of these.
            if architecture == "GPTNeoXForCausalLM":
                share = self.rope_parameters["partial_rotary_factor"]
                self.hparams.setdefault("rotary_pct", share)
            if "num_local_experts" in self.hparams:
                self.hparams.setdefault("num_experts", self.hparams["num_local_experts"])

        def set_gguf_parameters(self):
            super().set_gguf_parameters()
            if name == "gemma3":
                # Files of earlier converters do not say it.
                del self.gguf_writer.kv_data[0]["gemma3.rope.freq_base_swa"]

        def set_vocab(self):
            write_vocabulary(self.gguf_writer)

        def modify_tensors(self, data, name, bid):
            # Gemma 3 counts the pieces of a tokenizer.json to cut the embedding; nothing to cut.
            if architecture == "Gemma3ForCausalLM" and "embed_tokens" in name:
                yield from conversion.TextModel.modify_tensors(self, data, name, bid)
                return
            # StableLM's stacked norms are returned by a generator, and would be lost.
            rest = yield from super().modify_tensors(data, name, bid)
            if rest is not None:
                yield from rest

    target = HERE / "gguf" / f"{name}.gguf"
    target.unlink(missing_ok=True)
    Tiny(folder, gguf.LlamaFileType.MOSTLY_F16, target, eager=True, model_name="tiny").write()
    print(f"{name:20} {target.stat().st_size // 1024:4} KiB")


if __name__ == "__main__":
    conversion.load_all_models()
    for name in sys.argv[2:] or NAMES:
        convert(name)
