"""Writes `multimodal/NAME`: tiny text models inside checkpoints that also see.

    python make_multimodal.py [NAME...]

Made with torch 2.15.0 and transformers 5.2.0. Weights and `reference.safetensors` are as in
`make_architectures.py`; the reference is what the whole model makes of text alone. `llava` keeps
the tensor names of earlier versions and leaves to the defaults of transformers what published
files leave to them; `qwen2_vl` has the flat configuration of the published files.
"""

import json
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForImageTextToText

from make_architectures import COMMON, reference, seed_of
from make_fixtures import HERE, prompt

TEXT = COMMON | {"num_hidden_layers": 2}
VISION = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
          "num_attention_heads": 1, "image_size": 8, "patch_size": 4}

VARIANTS = {
    "gemma3": ("gemma3", {
        "text_config": TEXT | {
            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 8,
            "query_pre_attn_scalar": 8, "sliding_window": 16, "num_hidden_layers": 6,
            "intermediate_size": 24},
        "vision_config": VISION | {"model_type": "siglip_vision_model"},
        "mm_tokens_per_image": 4, "image_token_index": 95, "boi_token_index": 94,
        "eoi_token_index": 93}),
    "llava": ("llava", {
        "text_config": TEXT | {"model_type": "llama", "tie_word_embeddings": False},
        "vision_config": VISION | {"model_type": "clip_vision_model", "projection_dim": 8},
        "image_token_index": 95, "tie_word_embeddings": False}),
    "qwen2_vl": ("qwen2_vl", {
        "text_config": TEXT | {"rope_parameters": {
            "rope_type": "default", "rope_theta": 1000000.0, "mrope_section": [1, 1, 2]}},
        "vision_config": {"depth": 1, "embed_dim": 8, "hidden_size": 32, "num_heads": 1,
                          "mlp_ratio": 1, "patch_size": 4},
        "image_token_id": 95, "video_token_id": 94, "vision_start_token_id": 93,
        "vision_end_token_id": 92}),
    "qwen3_vl": ("qwen3_vl", {
        "text_config": TEXT | {"head_dim": 8, "rope_parameters": {
            "rope_type": "default", "rope_theta": 5000000.0, "mrope_interleaved": True,
            "mrope_section": [2, 1, 1]}},
        "vision_config": {"depth": 1, "hidden_size": 8, "intermediate_size": 8, "num_heads": 1,
                          "out_hidden_size": 32, "deepstack_visual_indexes": [0],
                          "num_position_embeddings": 4, "patch_size": 4},
        "image_token_id": 95, "video_token_id": 94, "vision_start_token_id": 93,
        "vision_end_token_id": 92}),
    "smolvlm": ("smolvlm", {
        "text_config": TEXT | {"model_type": "llama"},
        "vision_config": VISION, "image_token_id": 95}),
}


def random_model(name: str) -> torch.nn.Module:
    kind, changes = VARIANTS[name]
    torch.manual_seed(seed_of(name))
    config = AutoConfig.for_model(kind, **changes)
    model = AutoModelForImageTextToText.from_config(config)
    middle = 0.0 if kind == "gemma3" else 1.0
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            if "language_model" not in path and "text_model" not in path:
                continue
            if "norm" in path:
                parameter.uniform_(middle - 0.4, middle + 0.4)
            elif path.endswith(".bias"):
                parameter.normal_(std=0.3)
            else:
                parameter.normal_(std=0.2)
        if not model.config.tie_word_embeddings:
            model.lm_head.weight.normal_(std=0.2)
    return model.to(torch.float16)


def write(name: str) -> None:
    folder = HERE / "multimodal" / name
    shutil.rmtree(folder, ignore_errors=True)
    model = random_model(name)
    model.save_pretrained(folder, save_original_format=name != "gemma3")
    # Read back, since a model turned to float16 has turned its rotary frequencies too.
    whole = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    for file in ("generation_config.json", "preprocessor_config.json"):
        (folder / file).unlink(missing_ok=True)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    if name == "qwen2_vl":
        text = config.pop("text_config")
        for key in ("model_type", "layer_types", "rope_parameters"):
            text.pop(key, None)
        text |= {"rope_theta": 1000000.0,
                 "rope_scaling": {"type": "mrope", "mrope_section": [1, 1, 2]}}
        config = text | config
    if name == "gemma3":
        # What published files leave to the defaults of the text model.
        for key in ("num_attention_heads", "num_key_value_heads"):
            del config["text_config"][key]
    path.write_text(json.dumps(config, indent=2) + "\n")
    save_file(reference(whole, prompt(seed_of(name))), folder / "reference.safetensors")
    names = list(load_file(folder / "model.safetensors"))
    print(f"{name:10} {sum(p.stat().st_size for p in folder.iterdir()) // 1024:4} KiB",
          next(n for n in names if "q_proj" in n and "vision" not in n),
          [n for n in names if "lm_head" in n])


if __name__ == "__main__":
    for name in sys.argv[1:] or VARIANTS:
        write(name)
