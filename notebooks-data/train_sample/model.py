"""The sample model's shape, and how a checkpoint becomes a folder in Hugging Face layout."""

import json
import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from prepare import BEGIN, BEGIN_ID, END, END_ID, VOCABULARY

CONTEXT = 2048


def configuration() -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=8,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=BEGIN_ID,
        eos_token_id=END_ID,
    )


def export(state: dict, tokenizer: Path, folder: Path) -> None:
    """Writes bf16 weights, config.json and the tokenizer's files."""
    model = LlamaForCausalLM(configuration())
    model.load_state_dict(state)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink()  # nothing in it that config.json lacks
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BEGIN,
        "eos_token": END,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
    }, indent=2) + "\n")
