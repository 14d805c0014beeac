"""The sample model: a Llama whose parameters have the names that transformers gives them, so that a
checkpoint is a state dictionary and nothing is renamed on export."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from prepare import BEGIN, BEGIN_ID, END, END_ID, VOCABULARY

CONTEXT = 2048
NORM_EPSILON = 1e-5
INITIAL_DEVIATION = 0.02


@dataclass(frozen=True)
class Shape:
    layers: int = 8
    width: int = 192
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 32
    feed_forward: int = 512
    rope_theta: float = 10000.0

    @classmethod
    def parse(cls, text: str, rope_theta: float) -> "Shape":
        """Reads LAYERSxWIDTHxHEADSxKV_HEADSxHEAD_DIMxFEED_FORWARD."""
        return cls(*map(int, text.split("x")), rope_theta)


class Norm(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.weight.float(), NORM_EPSILON).to(x.dtype)


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x: (batch, heads, positions, head_dim); the two halves of a head are the pairs."""
    low, high = x.chunk(2, -1)
    return torch.cat([low * cos - high * sin, high * cos + low * sin], -1)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        inner, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.width, inner, bias=False)
        self.k_proj = nn.Linear(shape.width, kv, bias=False)
        self.v_proj = nn.Linear(shape.width, kv, bias=False)
        self.o_proj = nn.Linear(inner, shape.width, bias=False)

    def heads(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (batch, heads, positions, head_dim), and keys and values of each KV head."""
        dim = self.shape.head_dim
        q, k, v = (
            projection(x).unflatten(-1, (-1, dim)).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj))
        cos, sin = cos.to(q.dtype), sin.to(q.dtype)
        return rotated(q, cos, sin), rotated(k, cos, sin), v

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q, k, v = self.heads(x, cos, sin)
        group = self.shape.heads // self.shape.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(out.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = FeedForward(shape)
        self.input_layernorm = Norm(shape.width)
        self.post_attention_layernorm = Norm(shape.width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)


class SampleModel(nn.Module):
    """Output embeddings are the input embeddings."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        frequencies = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2) / shape.head_dim)
        angles = torch.outer(torch.arange(CONTEXT).float(), frequencies)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=INITIAL_DEVIATION)

    def rotations(self, length: int) -> tuple[Tensor, Tensor]:
        return self.cos[:length], self.sin[:length]

    def logits(self, x: Tensor) -> Tensor:
        return F.linear(self.model.norm(x), self.model.embed_tokens.weight.to(x.dtype))

    def head_loss(self, x: Tensor, ids: Tensor) -> Tensor:
        logits = self.logits(x[:, :-1])
        return F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())

    def loss(self, ids: Tensor, run_layer=Layer.forward, run_head=head_loss) -> Tensor:
        """Mean negative log likelihood of ids[:, 1:], ids being (batch, positions).

        `run_layer` and `run_head` are what they stand for, or compiled forms of it.
        """
        cos, sin = self.rotations(ids.shape[1])
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = run_layer(layer, x, cos, sin)
        return run_head(self, x, ids)

    def parameter_count(self) -> int:
        return sum(parameter.numel() for parameter in self.parameters())


def configuration(shape: Shape) -> dict:
    """What stands in config.json."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": BEGIN_ID,
        "dtype": "bfloat16",
        "eos_token_id": END_ID,
        "head_dim": shape.head_dim,
        "hidden_act": "silu",
        "hidden_size": shape.width,
        "initializer_range": INITIAL_DEVIATION,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": CONTEXT,
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": NORM_EPSILON,
        "rope_parameters": {"rope_theta": shape.rope_theta, "rope_type": "default"},
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": VOCABULARY,
    }


def export(weights: dict, shape: Shape, tokenizer: Path, folder: Path) -> None:
    """Writes bf16 weights, config.json and the tokenizer's files, as transformers reads them."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.to(torch.bfloat16).contiguous() for name, value in weights.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(configuration(shape), indent=2) + "\n")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BEGIN,
        "eos_token": END,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
    }, indent=2) + "\n")
