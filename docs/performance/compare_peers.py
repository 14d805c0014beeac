"""Times one chunk in alr-analyze, transformers and llama.cpp, in turn, on this machine.

    python compare_peers.py MODEL [--gguf-f32 FILE] [--gguf-bf16 FILE] [--tool PATH] [--rounds 5]

MODEL is a folder in Hugging Face layout. Every peer is a process of its own that loads the model
once and then runs one pass whenever it is told to, so that all of them meet the same weather:
round after round each takes its turn. Needs torch and transformers; llama-cpp-python and a GGUF
file with the same weights for llama.cpp. alr-analyze measures every head (`bench --passes`, query
next, one chunk at a time as its peers do, and four at a time as `analyze` does); of the others,
eager attention returns its weights and SDPA and llama.cpp record nothing. Nobody computes the
output layer, but for llama.cpp that of the last token. Prints a Markdown table: median, fastest
and slowest seconds a chunk, the ratio of medians to our own of the same arithmetic, and peak
resident memory.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path


# Peers: each is this script again, as a process that answers every line with its seconds.

def peak_mebibytes() -> float:
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve(run) -> None:
    import time
    run()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(json.dumps({"seconds": time.perf_counter() - start, "memory": peak_mebibytes()}),
              flush=True)


def token_ids(vocabulary: int, length: int) -> list[int]:
    state, ids = 1, []
    for _ in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        ids.append((state >> 8) % vocabulary)
    return ids


def serve_transformers(model: str, length: int, attention: str, dtype: str) -> None:
    import torch
    from transformers import AutoModel
    network = AutoModel.from_pretrained(
        model, dtype=getattr(torch, dtype), attn_implementation=attention).eval()
    ids = torch.tensor([token_ids(network.config.vocab_size, length)])

    def run() -> None:
        with torch.inference_mode():
            network(input_ids=ids, use_cache=False, output_attentions=attention == "eager")

    serve(run)


def serve_llama(gguf: str, length: int) -> None:
    from llama_cpp import Llama
    network = Llama(gguf, n_ctx=length + 8, n_batch=length, n_ubatch=length, n_threads=os.cpu_count(),
                    n_threads_batch=os.cpu_count(), flash_attn=True, verbose=False)
    ids = token_ids(network.n_vocab(), length)

    def run() -> None:
        network.reset()
        network.eval(ids)

    serve(run)


class Peer:
    def __init__(self, name: str, arithmetic: str, arguments: list[str]):
        self.name, self.arithmetic, self.seconds, self.memory = name, arithmetic, [], 0.0
        self.process = subprocess.Popen(
            [sys.executable, __file__, *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{name} did not start")

    def turn(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.seconds.append(answer["seconds"])
        self.memory = answer["memory"]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """A fresh process each turn; `bench` times passes alone, so loading does not count."""

    def __init__(self, tool: str, model: str, length: int, arithmetic: str, batch: int):
        chunks = "one chunk" if batch == 1 else f"{batch} chunks at a time"
        self.name, self.arithmetic = f"alr-analyze, every head measured, {chunks}", arithmetic
        self.command = [tool, "bench", model, "--passes", "--json", "--rounds", "1", "--batch",
                        str(batch), "--chunk-length", str(length - 1), "--precision", arithmetic,
                        "--only", "query next"]
        self.seconds, self.memory = [], 0.0

    def turn(self) -> None:
        child = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        if status != 0:
            raise SystemExit("alr-analyze failed")
        figures = {figure["name"].split(", ", 2)[-1]: figure
                   for figure in json.loads(output)["figures"]}
        self.seconds += figures["query next"]["seconds"]
        self.memory = max(self.memory, usage.ru_maxrss / 1024)

    def close(self) -> None:
        pass


def processor() -> str:
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def peers(options: argparse.Namespace) -> list:
    length = str(options.length)
    found = [Ours(options.tool, options.model, options.length, arithmetic, batch)
             for arithmetic in ("f32", "bf16") for batch in (1, 4)]
    for arithmetic, dtype in (("f32", "float32"), ("bf16", "bfloat16")):
        for attention, what in (("eager", "attentions returned"), ("sdpa", "nothing recorded")):
            found.append(Peer(
                f"transformers {attention}, {what}", arithmetic,
                ["--serve", "transformers", options.model, length, attention, dtype]))
    for arithmetic, path in (("f32", options.gguf_f32), ("bf16", options.gguf_bf16)):
        if path:
            found.append(Peer("llama.cpp, flash attention, nothing recorded", arithmetic,
                              ["--serve", "llama", path, length]))
    return found


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        kind, model, length, *rest = sys.argv[2:]
        if kind == "llama":
            serve_llama(model, int(length))
        else:
            serve_transformers(model, int(length), *rest)
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--gguf-f32", help="the same weights for llama.cpp, in F32")
    parser.add_argument("--gguf-bf16", help="the same weights for llama.cpp, in BF16")
    parser.add_argument("--tool", default=".build/release/alr-analyze")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--length", type=int, default=1025, help="tokens a chunk")
    options = parser.parse_args()

    contestants = peers(options)
    for _ in range(options.rounds):
        for contestant in contestants:
            contestant.turn()
    ours = {peer.arithmetic: statistics.median(peer.seconds)
            for peer in contestants if isinstance(peer, Ours) and "at a time" in peer.name}
    print(f"{processor()}, {os.cpu_count()} cores, {options.length} tokens a chunk, "
          f"{options.rounds} interleaved rounds\n")
    print("| | arithmetic | seconds a chunk (fastest-slowest) | times ours | peak memory, MiB |")
    print("| --- | --- | --- | --- | --- |")
    for peer in contestants:
        median = statistics.median(peer.seconds)
        print(f"| {peer.name} | {peer.arithmetic} | {median:.2f} "
              f"({min(peer.seconds):.2f}-{max(peer.seconds):.2f}) "
              f"| {median / ours[peer.arithmetic]:.2f} | {peer.memory:.0f} |")
        peer.close()


if __name__ == "__main__":
    main()
