"""Holds `evaluate lm` against transformers' layers, driven by hand a token at a time.

    python compare_compression.py TOOL MODEL CORPUS [--length 160] [--prune-after 48] ...

The caches of transformers refuse layers of unequal lengths, so this keeps its own: per layer keys
(rotated), values, the norms of the keys before their rotation, and the position of each. After every
token every layer that is not skipped keeps ceil(ratio * length) of its positions, those of the lowest
norms, as soon as it holds PRUNE_AFTER. Compared are the negative log likelihood of every next token
and the positions that are left in the end. Where two norms at the boundary of a pruning differ by less
than 1e-5 of their size either choice is right: such heads are counted, and where the tool chose
otherwise (which a run that ends there tells) the reference goes on from the tool's choice.

Written for torch 2.9, transformers 5.3; any model of the Llama family.
"""

import argparse
import functools
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

TIE = 1e-5


class Reference:
    def __init__(self, model):
        self.model = model
        self.config = model.config
        self.kv_heads = self.config.num_key_value_heads
        self.heads = self.config.num_attention_heads
        self.ties = self.taken = 0

    def reset(self):
        empty = lambda: [None] * self.config.num_hidden_layers
        self.keys, self.values, self.norms, self.places = empty(), empty(), empty(), empty()

    def cached(self, layer):
        return 0 if self.keys[layer] is None else self.keys[layer].shape[1]

    def append(self, layer, key, value, norm, place):
        place = torch.full((self.kv_heads, 1), place)
        for store, new in ((self.keys, key), (self.values, value), (self.norms, norm),
                           (self.places, place)):
            store[layer] = new if store[layer] is None else torch.cat([store[layer], new], 1)

    def step(self, token, place, position):
        """Logits behind one token."""
        body = self.model.model
        x = body.embed_tokens(torch.tensor([[token]]))
        cos, sin = body.rotary_emb(x, torch.tensor([[position]]))
        for index, layer in enumerate(body.layers):
            normed = layer.input_layernorm(x)
            attention = layer.self_attn
            dim = attention.head_dim
            q, k, v = (
                projection(normed).view(1, 1, -1, dim).transpose(1, 2)
                for projection in (attention.q_proj, attention.k_proj, attention.v_proj))
            norm = k[0].double().norm(dim=-1)
            q, k = apply_rotary_pos_emb(q, k, cos, sin)
            self.append(index, k[0], v[0], norm, place)
            group = self.heads // self.kv_heads
            keys = self.keys[index].repeat_interleave(group, 0)
            values = self.values[index].repeat_interleave(group, 0)
            scores = (q[0] @ keys.transpose(1, 2)) * attention.scaling
            out = scores.softmax(-1) @ values
            x = x + attention.o_proj(out.transpose(0, 1).reshape(1, 1, -1))
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return self.model.lm_head(body.norm(x))[0, 0]

    def prune(self, ratio, prune_after, skipped, choice):
        for layer in range(self.config.num_hidden_layers):
            length = self.cached(layer)
            if layer in skipped or length < prune_after:
                continue
            kept = math.ceil(ratio * length)
            if kept >= length:
                continue
            norms = self.norms[layer]
            order = torch.sort(norms, dim=1, stable=True).indices
            edge = norms.gather(1, order[:, kept - 1 : kept + 1])
            tied = (edge[:, 1] - edge[:, 0]) < TIE * edge[:, 1]
            self.ties += int(tied.sum())
            chosen = order[:, :kept].sort(1).values
            for head in tied.nonzero()[:, 0].tolist():
                wanted = torch.from_numpy(choice()[layer][head]).long()
                slots = torch.searchsorted(self.places[layer][head], wanted)
                if not torch.equal(slots, chosen[head]):
                    self.taken += 1
                    chosen[head] = slots
            self.norms[layer] = norms.gather(1, chosen)
            self.places[layer] = self.places[layer].gather(1, chosen)
            wide = chosen[..., None].expand(-1, -1, self.keys[layer].shape[-1])
            self.keys[layer] = self.keys[layer].gather(1, wide)
            self.values[layer] = self.values[layer].gather(1, wide)

    @torch.no_grad()
    def run(self, tokens, ratio, prune_after, skipped, positions, choice):
        self.reset()
        losses = []
        for place, token in enumerate(tokens[:-1]):
            position = place if positions == "true" else self.cached(0)
            logits = self.step(token, place, position).double()
            losses.append(float(logits.logsumexp(0) - logits[tokens[place + 1]]))
            self.prune(ratio, prune_after, skipped, lambda: choice(place + 1))
        return np.array(losses), [p.numpy() for p in self.places]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--length", type=int, default=160)
    parser.add_argument("--prune-after", type=int, default=48)
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.5, 0.9])
    parser.add_argument("--skips", nargs="+", default=["none", "0,1"])
    parser.add_argument("--positions", nargs="+", default=["true", "cache-length"])
    parser.add_argument("--chunks", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-3)
    options = parser.parse_args()

    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    reference = Reference(model)
    with tempfile.TemporaryDirectory() as folder:
        # Ids, so that both read the same tokens whatever their tokenizers do.
        from transformers import AutoTokenizer
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        text = options.corpus.read_text()
        wanted = options.chunks * options.length
        ids = tokenizer(text[: wanted * 20], add_special_tokens=False)["input_ids"][:wanted]
        (Path(folder) / "ids.txt").write_text(" ".join(map(str, ids)) + "\n")
        common = [options.tool, "evaluate", "lm", options.model, f"{folder}/ids.txt", "--ids",
                  "--bos", "never", "--separator", "none", "--prune-after", options.prune_after,
                  "--record-kept", "--no-baseline", "--quiet", "--force"]
        command = common + ["--length", options.length, "--out", f"{folder}/out"]
        for name, values in (("keep-ratio", options.ratios), ("skip-layers", options.skips),
                             ("positions", options.positions)):
            for value in values:
                command += [f"--{name}", value]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        settings = json.loads(Path(f"{folder}/out/lm.json").read_text())["settings"]
        ours = np.load(f"{folder}/out/tokens.npz")["nll"]
        kept = np.load(f"{folder}/out/kept.npz")
        failures = 0

        def choice_of(setting, chunk):
            """What the tool keeps in a chunk behind so many tokens."""
            @functools.cache
            def choice(fed):
                ids_of_chunk = ids[chunk * options.length : (chunk + 1) * options.length]
                (Path(folder) / "ids.txt").write_text(" ".join(map(str, ids_of_chunk)) + "\n")
                skipped = ",".join(map(str, setting["skip_layers"])) or "none"
                subprocess.run(list(map(str, common + [
                    "--length", fed + 1, "--max-chunks", 1, "--out", f"{folder}/part",
                    "--keep-ratio", setting["keep_ratio"], "--skip-layers", skipped,
                    "--positions", setting["positions"]])), check=True, stdout=subprocess.DEVNULL)
                part = np.load(f"{folder}/part/kept.npz")
                return [part[f"kept_0_{layer}"][0] for layer in range(len(part.files))]
            return choice

        for index, setting in enumerate(settings):
            worst, different = 0.0, 0
            reference.ties = reference.taken = 0
            for chunk in range(options.chunks):
                tokens = ids[chunk * options.length : (chunk + 1) * options.length]
                losses, places = reference.run(
                    tokens, setting["keep_ratio"], setting["prune_after"],
                    set(setting["skip_layers"]), setting["positions"],
                    choice_of(setting, chunk))
                worst = max(worst, float(np.abs(losses - ours[index, chunk]).max()))
                for layer, expected in enumerate(places):
                    found = kept[f"kept_{index}_{layer}"][chunk]
                    different += sum(not np.array_equal(a, b) for a, b in zip(expected, found))
            failed = worst > options.tolerance or different > 0
            failures += failed
            print(f"ratio {setting['keep_ratio']} skips {setting['skip_layers']} positions "
                  f"{setting['positions']}: worst NLL difference {worst:.2e}, sets that differ "
                  f"{different}, ties {reference.ties}, of them {reference.taken} chosen otherwise"
                  f"{' FAILED' if failed else ''}", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
