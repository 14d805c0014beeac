"""Writes the vocabulary of a fixture as a GGUF file without tensors, for compare.py.

    python write_gguf.py FAMILY.json|FAMILY.model OUT.gguf [PRE]

Of a tokenizer.json the pieces and merges, split by the pre-tokenizer PRE; of a tokenizer.model the
pieces, scores and types, as model `llama`. Needs gguf 0.19.
"""
import json
import sys

import gguf

from references import pieces_of


def main():
    source, out = sys.argv[1:3]
    writer = gguf.GGUFWriter(out, "llama")
    if source.endswith(".model"):
        pieces, scores, types, prefix = pieces_of(source)
        writer.add_tokenizer_model("llama")
        writer.add_token_list(pieces)
        writer.add_token_scores(scores)
        writer.add_token_types(types)
        writer.add_add_space_prefix(prefix)
    else:
        with open(source) as file:
            root = json.load(file)
        ids = dict(root["model"]["vocab"])
        added = {token["id"]: token for token in root["added_tokens"]}
        ids.update((token["content"], id) for id, token in added.items())
        pieces = sorted(ids, key=ids.get)
        assert [ids[piece] for piece in pieces] == list(range(len(pieces)))
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(sys.argv[3])
        writer.add_token_list(pieces)
        writer.add_token_types(
            [1 if i not in added else 3 if added[i]["special"] else 4 for i in range(len(pieces))])
        writer.add_token_merges([m if isinstance(m, str) else " ".join(m)
                                 for m in root["model"]["merges"]])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
