"""A model in transformers, float32 and eager, that gives attention rows and key norms."""

import json
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

# Attention modules that make queries, keys and values with one matrix: how to cut the keys out of
# its output (…, columns), given heads, KV heads and head dimension.
FUSED_KEYS = {
    "c_attn": lambda out, heads, kv, dim: out[..., heads * dim : (heads + kv) * dim],
    "qkv_proj": lambda out, heads, kv, dim: out[..., heads * dim : (heads + kv) * dim],
    "query_key_value": lambda out, heads, kv, dim: out.unflatten(-1, (heads, 3, dim))[..., 1, :],
}


class ReferenceModel:
    """Runs token ids and keeps, per layer, chosen attention rows and the key norms before RoPE."""

    def __init__(self, model_path: Path, is_gguf: bool):
        location = ({"pretrained_model_name_or_path": model_path.parent,
                     "gguf_file": model_path.name} if is_gguf
                    else {"pretrained_model_name_or_path": model_path})
        self.model = AutoModelForCausalLM.from_pretrained(
            **location, dtype=torch.float32, attn_implementation="eager").eval()
        self.config = self.model.config.get_text_config()
        self.heads = self.config.num_attention_heads
        self.kv_heads = getattr(self.config, "num_key_value_heads", None) or self.heads
        self.head_dim = (getattr(self.config, "head_dim", None)
                         or self.config.hidden_size // self.heads)
        self.rows: list[int] = []
        self.attention: dict[int, np.ndarray] = {}  # layer → (heads, rows, positions)
        self.keys: dict[int, torch.Tensor] = {}  # layer → (positions, kv_heads, head_dim)
        attentions = [module for name, module in self.model.named_modules()
                      if name.endswith((".self_attn", ".attn", ".attention"))]
        self.layers = len(attentions)
        for index, module in enumerate(attentions):
            module.register_forward_hook(self._attention_hook(index))
            self._hook_keys(index, module)

    def _attention_hook(self, layer: int):
        def keep(_module, _inputs, output):
            self.attention[layer] = output[1][0][:, self.rows].double().numpy()
        return keep

    def _hook_keys(self, layer: int, module: torch.nn.Module) -> None:
        """Keys after bias and key norm, before the rotation."""
        def keep(keys):
            self.keys[layer] = keys[0].reshape(-1, self.kv_heads, self.head_dim)

        for name in ("k_norm", "k_layernorm", "k_proj"):
            if hasattr(module, name):
                getattr(module, name).register_forward_hook(lambda _m, _i, out: keep(out))
                return
        for name, cut in FUSED_KEYS.items():
            if hasattr(module, name):
                getattr(module, name).register_forward_hook(
                    lambda _m, _i, out: keep(cut(out, self.heads, self.kv_heads, self.head_dim)))
                return
        raise SystemExit(f"no key projection found in {type(module).__name__}")

    def window(self, layer: int) -> int | None:
        """The sliding window of a layer, the query included."""
        types = getattr(self.config, "layer_types", None)
        size = getattr(self.config, "sliding_window", None)
        if types is not None:
            return size if types[layer] == "sliding_attention" else None
        return size if getattr(self.config, "use_sliding_window", True) else None

    def rotary_scale(self) -> float:
        rotary = next((module for name, module in self.model.named_modules()
                       if name.endswith("rotary_emb")), None)
        return float(getattr(rotary, "attention_scaling", 1.0))

    def has_position_embeddings(self) -> bool:
        return any(name.endswith(("wpe", "embed_positions"))
                   for name, _ in self.model.named_modules())

    def run(self, ids: list[int], rows: list[int]) -> None:
        self.rows, self.attention, self.keys = rows, {}, {}
        with torch.no_grad():
            self.model(input_ids=torch.tensor([ids]), use_cache=False, logits_to_keep=1)
        self.ids = ids

    def next_token(self, ids: list[int]) -> int:
        """The argmax token, of equal logits the lowest id."""
        self.rows = []
        with torch.no_grad():
            logits = self.model(input_ids=torch.tensor([ids]), use_cache=False,
                                logits_to_keep=1).logits
        return int(np.argmax(logits[0, -1].numpy()))

    def key_norms(self, layer: int) -> np.ndarray:
        """(kv_heads, positions), summed in float64.

        A matrix product in float32 does not promise that equal rows of its input give equal rows
        of its output: rows at the edge of a tile may be summed in another order. In layer 0 of a
        model without position embeddings a key depends on its token alone, and its repeats are
        ties by definition, so each position takes the norm of its token's first occurrence.
        `uneven_repeats` counts where that mattered.
        """
        norms = self.keys[layer].double().square().sum(-1).sqrt().T.numpy() * self.rotary_scale()
        if layer == 0 and not self.has_position_embeddings():
            norms = norms[:, self.first_occurrences()]
        return norms

    def first_occurrences(self) -> np.ndarray:
        first = {}
        return np.array([first.setdefault(token, position)
                         for position, token in enumerate(self.ids)])

    def uneven_repeats(self) -> int:
        """Positions whose layer-0 key differs in some bit from that of the token's first."""
        if self.has_position_embeddings():
            return 0
        keys = self.keys[0].flatten(1)
        return int((keys != keys[torch.from_numpy(self.first_occurrences())]).any(1).sum())


def begin_id(model_path: Path, is_gguf: bool) -> int:
    config = (AutoConfig.from_pretrained(model_path.parent, gguf_file=model_path.name) if is_gguf
              else AutoConfig.from_pretrained(model_path))
    value = config.get_text_config().bos_token_id
    if value is None:
        raise SystemExit("the model names no BOS token")
    return value


def end_id(model_path: Path) -> int:
    return json.loads((model_path / "config.json").read_text())["eos_token_id"]
