"""Gathers the seeds and dictionaries of the fuzz targets; Python's standard library is enough.

    make_seeds.py FOLDER

writes FOLDER/seeds/TARGET/…, FOLDER/TARGET.dict and FOLDER/models/… (links to the weights that the
config target chooses among). Seeds are the committed fixtures, cut down where they are large, and
small files of every kind that no fixture is.
"""

import json
import os
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "Tests" / "InferenceTests" / "Fixtures"
TOKENIZERS = ROOT / "Tests" / "TokenizationTests" / "Fixtures" / "tokenizers"
SOURCES = ROOT / "Sources"
OUT = Path(sys.argv[1])


def seed(target, name, content):
    path = OUT / "seeds" / target / name.replace("/", "-")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- GGUF -----------------------------------------------------------------------------------------

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
SCALARS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "?",
           U64: "Q", I64: "q", F64: "d"}


def gguf_string(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(raw)) + raw


def gguf_value(kind, value):
    if kind == STRING:
        return gguf_string(value)
    if kind == ARRAY:
        inner, values = value
        return struct.pack("<IQ", inner, len(values)) + b"".join(
            gguf_value(inner, each) for each in values)
    return struct.pack("<" + SCALARS[kind], value)


def gguf(pairs, tensors=(), version=3, alignment=32):
    """`tensors`: name, dimensions innermost first, type code, data."""
    head = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(pairs))
    for key, kind, value in pairs:
        head += gguf_string(key) + struct.pack("<I", kind) + gguf_value(kind, value)
    data = b""
    for name, dimensions, code, content in tensors:
        head += gguf_string(name) + struct.pack("<I", len(dimensions))
        head += struct.pack(f"<{len(dimensions)}Q", *dimensions)
        head += struct.pack("<IQ", code, len(data))
        data += content + bytes(-len(content) % alignment)
    return head + bytes(-len(head) % alignment) + data if tensors else head


def gguf_header(content):
    """The header of a GGUF file, padding included."""
    at = 24
    tensors, keys = struct.unpack_from("<QQ", content, 8)

    def integer(code="<Q"):
        nonlocal at
        value = struct.unpack_from(code, content, at)[0]
        at += struct.calcsize(code)
        return value

    def text():
        nonlocal at
        length = integer()
        at += length

    def value(kind):
        nonlocal at
        if kind == STRING:
            text()
        elif kind == ARRAY:
            inner, count = integer("<I"), integer()
            for _ in range(count):
                value(inner)
        else:
            at += struct.calcsize("<" + SCALARS[kind])

    for _ in range(keys):
        text()
        value(integer("<I"))
    for _ in range(tensors):
        text()
        rank = integer("<I")
        at += 8 * rank + 4 + 8
    return content[: (at + 31) // 32 * 32]


def gguf_seeds():
    for path in sorted((FIXTURES / "gguf").glob("*.gguf")):
        header = gguf_header(path.read_bytes())
        if len(header) < 16_000:
            seed("config", path.name, header)
            seed("gguf", path.name, header)
    every = [(f"a.{kind}", kind, 1) for kind in SCALARS]
    every += [
        ("a.string", STRING, "text"),
        ("a.strings", ARRAY, (STRING, ["", "a", b"\xff"])),
        ("a.nested", ARRAY, (ARRAY, [(U8, [1]), (ARRAY, [(BOOL, [True, False])])])),
    ]
    every += [(f"b.{kind}", ARRAY, (kind, [1, 0])) for kind in SCALARS]
    seed("gguf", "every-value", gguf(every))
    seed("gguf", "version-2", gguf(every[:3], version=2))
    seed("gguf", "aligned-1", gguf([("general.alignment", U32, 1)],
                                   [("t", [3], 24, b"abc")], alignment=1))
    blocks = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24),
              8: (32, 34), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176),
              14: (256, 210), 30: (1, 2), 28: (1, 8), 20: (32, 18)}
    seed("gguf", "every-type", gguf(
        [("general.architecture", STRING, "llama"), ("llama.block_count", U32, 1)],
        [(f"blk.0.{code}", [elements, 2], code, bytes(range(256))[: size] * 2 if size < 256
          else bytes(2 * size)) for code, (elements, size) in blocks.items()]))
    seed("gguf", "split", gguf([("split.no", U16, 0), ("split.count", U16, 1),
                                ("split.tensors.count", I32, 1)], [("t", [1], 0, b"abcd")]))
    heads = [("general.architecture", STRING, "llama"), ("llama.block_count", U32, 2),
             ("llama.embedding_length", U32, 8),
             ("llama.attention.head_count", ARRAY, (I32, [4, 2])),
             ("llama.attention.head_count_kv", ARRAY, (U32, [2, 1]))]
    seed("gguf", "heads", gguf(heads, [("blk.1.x", [1], 0, b"abcd")]))


# --- safetensors ----------------------------------------------------------------------------------

def safetensors_seeds():
    def header(size, **tensors):
        return b"h" + compact(tensors).encode() + b"\0" + struct.pack("<H", size)

    def tensor(dtype, shape, begin, end):
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    sizes = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2,
             "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8,
             "U64": 8, "C64": 8}
    at, tensors = 0, {}
    for dtype, size in sizes.items():
        tensors[dtype.lower()] = tensor(dtype, [3], at, at + 3 * size)
        at += 3 * size
    seed("safetensors", "every-dtype", header(at, **tensors))
    seed("safetensors", "packed", header(
        14, a=tensor("F4", [2, 4], 0, 4), b=tensor("F6_E2M3", [4], 4, 7),
        c=tensor("F6_E3M2", [4], 7, 10), d=tensor("F32", [], 10, 14)))
    seed("safetensors", "metadata", header(
        4, __metadata__={"format": "pt"}, a=tensor("F32", [1, 1, 1, 1, 1, 1, 1, 1], 0, 4),
        b=tensor("F32", [0, 7], 4, 4)))
    seed("safetensors", "null-metadata", b'h  {"__metadata__":null,"a":{"dtype":"U8","shape":[1],'
         b'"data_offsets":[0,1],"extra":[{}]}}   \0\x01\0')
    seed("safetensors", "escapes", b'h{"\\u0061\\n\\ud83d\\ude00":{"shape":[1],"dtype":"U8",'
         b'"data_offsets":[0,1]}}\0\x01\0')
    seed("safetensors", "fp8-scales", header(
        8, **{"a.weight": tensor("F8_E4M3", [4], 0, 4),
              "a.weight_scale_inv": tensor("F32", [1], 4, 8)}))
    seed("safetensors", "empty", b"h{}\0\0\0")
    body = compact({"a": tensor("F32", [2], 0, 8)}).encode()
    seed("safetensors", "whole", b"r" + struct.pack("<Q", len(body)) + body + bytes(8))
    for path in sorted(FIXTURES.glob("architectures/*/model.safetensors"))[:6]:
        content = path.read_bytes()
        length = struct.unpack_from("<Q", content)[0]
        size = len(content) - 8 - length
        if size < 65536:
            seed("safetensors", path.parent.name,
                 b"h" + content[8 : 8 + length] + b"\0" + struct.pack("<H", size))
    seed("safetensors", "index", "i" + compact(
        {"metadata": {"total_size": 8},
         "weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}))
    seed("safetensors", "lfs", b"rversion https://git-lfs.github.com/spec/v1\n")


# --- configurations -------------------------------------------------------------------------------

def config_seeds():
    models = sorted(path.parent for path in FIXTURES.glob("**/model.safetensors")
                    if (path.parent / "config.json").exists())
    folder = OUT / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for index, model in enumerate(models):
        link = folder / f"{index:02}"
        link.unlink(missing_ok=True)
        link.symlink_to(model / "model.safetensors")
        config = json.loads((model / "config.json").read_text())
        # What readers do not look at only dilutes the mutations.
        for noise in ("architectures", "transformers_version", "initializer_range", "use_cache"):
            config.pop(noise, None)
        seed("config", f"{model.name}.json", compact(config).encode() + b"\0" + bytes([index]))


# --- tokenizers -----------------------------------------------------------------------------------

def shrunk(document, kept=160):
    """A `tokenizer.json` with a part of its vocabulary, ids made consecutive."""
    document = json.loads(compact(document))
    model = document["model"]
    if model["type"] == "Unigram":
        model["vocab"] = model["vocab"][:kept]
        return document
    added = [token["content"] for token in document["added_tokens"]]
    pieces = sorted(model["vocab"], key=model["vocab"].get)
    pairs = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    base = [piece for piece in pieces if len(piece) == 1 or re.fullmatch(r"<0x..>", piece)]
    wanted = added + [piece for piece in base if piece not in added][:kept]
    merges = []
    for left, right in pairs:
        if left in wanted and right in wanted and len(merges) < 40:
            merges.append([left, right])
            if left + right not in wanted:
                wanted.append(left + right)
    model["vocab"] = {piece: index for index, piece in enumerate(wanted)}
    model["merges"] = merges
    for token in document["added_tokens"]:
        token["id"] = model["vocab"][token["content"]]
    return document


def protobuf_fields(content):
    """Number and whole bytes of each field at the top of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = content[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(content):
        start = at
        tag = varint()
        if tag & 7 == 2:
            length = varint()
            at += length
        elif tag & 7 == 0:
            varint()
        else:
            at += {1: 8, 5: 4}[tag & 7]
        yield tag >> 3, content[start:at]


def tokenizer_seeds():
    for path in sorted(TOKENIZERS.glob("*.json")):
        document = json.loads(path.read_text())
        # Strings and hashes of the tests lie beside the tokenizers.
        if not isinstance(document, dict) or "model" not in document:
            continue
        small = shrunk(document)
        seed("tokenizer", f"small-{path.name}", compact(small))
        seed("json", path.name, compact(shrunk(document, kept=20)))
        seed("tokenizer", path.name, compact(document))
        vocabulary = small["model"]["vocab"]
        if small["model"]["type"] != "BPE":
            continue
        merges = [" ".join(pair) for pair in small["model"]["merges"]]
        seed("tokenizer", f"{path.stem}-pair",
             compact(vocabulary).encode() + b"\0" + "\n".join(["#version: 0.2"] + merges).encode())
        pieces = list(vocabulary)
        types = [6 if re.fullmatch(r"<0x..>", piece) else 3 if piece.startswith("<") else 1
                 for piece in pieces]
        common = [("general.architecture", STRING, "llama"),
                  ("tokenizer.ggml.tokens", ARRAY, (STRING, pieces)),
                  ("tokenizer.ggml.token_type", ARRAY, (I32, types)),
                  ("tokenizer.ggml.bos_token_id", U32, 0),
                  ("tokenizer.ggml.eos_token_id", U32, 1),
                  ("tokenizer.ggml.add_bos_token", BOOL, True)]
        isScored = any(kind == 6 for kind in types)
        if isScored:
            common += [("tokenizer.ggml.model", STRING, "llama"),
                       ("tokenizer.ggml.unknown_token_id", U32, 0),
                       ("tokenizer.ggml.scores", ARRAY,
                        (F32, [-float(index) for index in range(len(pieces))]))]
        else:
            pre = {"llama3": "llama-bpe", "deepseek": "deepseek-v3", "gpt2": "gpt-2",
                   "gpt4o": "gpt-4o", "neox": "olmo", "smollm2": "smollm"}.get(path.stem, path.stem)
            common += [("tokenizer.ggml.model", STRING, "gpt2"),
                       ("tokenizer.ggml.pre", STRING, pre),
                       ("tokenizer.ggml.merges", ARRAY, (STRING, merges))]
        seed("tokenizer", f"{path.stem}.gguf", gguf(common))
    for path in sorted(TOKENIZERS.glob("*.model")):
        content = path.read_bytes()
        seed("tokenizer", path.name, content)
        fields = list(protobuf_fields(content))
        pieces = [field for number, field in fields if number == 1]
        rest = [field for number, field in fields if number != 1]
        seed("tokenizer", f"small-{path.name}", b"".join(pieces[:300] + rest))


# --- JSON -----------------------------------------------------------------------------------------

def json_seeds():
    texts = [
        "0", "-0.0e-0", "1e308", "1e999", "-9223372036854775808", "18446744073709551615", "0.5E+7",
        "null", "true", "false", '""', '"\\u0000\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t"', "[]", "{}",
        ' \t\r\n[ 1 , [ ] , { } ] ', '{"a":{"a":[{"a":null}]},"b":[]}', '{"a":1,"\\u0061":2}',
        '{"é":1,"e\u0301":2}', "[" * 130, "[" * 128 + "]" * 128, '{"a":' * 40 + "1" + "}" * 40,
        "\ufeff{}", "[1,]", '{"a":1,}', "[NaN]", "[01]", "// c\n1", '"\\ud800"', "1 2",
        compact({f"key{index}": index for index in range(40)}), '"😀 ﷽ \u2028"',
    ]
    for index, text in enumerate(texts):
        seed("json", f"text-{index:02}", text)
    seed("json", "ill-formed", b'"\xff\xc0\x80\xed\xa0\x80"')
    for path in sorted(FIXTURES.glob("*/config.json")):
        seed("json", path.parent.name, path.read_bytes())


# --- dictionaries ---------------------------------------------------------------------------------

def literals(*folders):
    """String literals of the readers' sources that look like names in a file."""
    words = set()
    for folder in folders:
        for path in sorted(folder.glob("*.swift")):
            words.update(re.findall(r'"([A-Za-z_<|][A-Za-z0-9_.<>|-]{1,63})"', path.read_text()))
    return sorted(words)


def entry(content):
    raw = content if isinstance(content, bytes) else content.encode()
    return '"' + "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in raw) + '"'


def dictionary(target, words):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{target}.dict").write_text("".join(entry(word) + "\n" for word in words if word))


def dictionaries():
    files = SOURCES / "ModelFiles"
    syntax = ["{", "}", "[", "]", ":", ",", '"', "null", "true", "false", "\\u0061", "\\ud83d\\ude00",
              "\\n", "1e308", "-0", "9223372036854775807", "18446744073709551616", "4294967296",
              "1073741824", "0.5", "\ufeff", "\u00e9", "e\u0301"]
    numbers = [struct.pack("<Q", value) for value in
               (0, 1, 255, 1 << 31, 1 << 32, (1 << 62) - 1, 1 << 62, 1 << 63, (1 << 64) - 1)]
    codes = [struct.pack("<I", value) for value in range(42)]
    dictionary("json", syntax)
    dictionary("safetensors", syntax + [
        '"dtype":', '"shape":[', '"data_offsets":[', '"__metadata__":{', '"weight_map":{',
        '":"a.safetensors"', '":"b.safetensors"', "../", ".safetensors"]
        + [f'"{word}"' for word in literals(files / "Tensors")])
    shared = ["general.architecture", "general.alignment", "split.no", "split.count",
              "split.tensors.count", "llama", "blk.0.", "output.weight", "token_embd.weight"]
    keys = literals(files / "GGUF") + shared
    dictionary("gguf", codes + numbers + [gguf_string(word) for word in keys])
    names = literals(SOURCES / "Inference" / "Configuration", SOURCES / "Inference" / "Architectures",
                     SOURCES / "Inference" / "Specification", SOURCES / "Inference" / "Weights")
    dictionary("config", syntax + [f'"{word}"' for word in names] + codes[:13]
               + [gguf_string(word) for word in names]
               + [gguf_string(f"llama.{word}") for word in names if "." in word])
    tokenization = SOURCES / "Tokenization"
    words = literals(*(tokenization / name for name in
                       ("Encoding", "Files", "Models", "Text", "Vocabulary")))
    patterns = re.findall(r'#"(.+)"#', (tokenization / "Text" / "SplitPattern.swift").read_text())
    dictionary("tokenizer", syntax + ["\u2581", "<0x41>", "\u0120"] + numbers[:3] + codes[:13]
               + [f'"{word}"' for word in words] + [gguf_string(word) for word in words]
               + [compact(pattern) for pattern in patterns])


gguf_seeds()
safetensors_seeds()
config_seeds()
tokenizer_seeds()
json_seeds()
dictionaries()
for target in sorted(os.listdir(OUT / "seeds")):
    print(f"{target}: {len(os.listdir(OUT / 'seeds' / target))} seeds")
