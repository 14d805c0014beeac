"""Writes a GGUF file again with every quantised tensor as F32 or BF16, metadata unchanged.

    python widen_gguf.py IN.gguf OUT.gguf f32|bf16

So that llama.cpp can be timed on the weights that `fetch_smollm2.py --safetensors` writes.
Needs the gguf package.
"""

import sys

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

# The writer sets these itself.
OWN_FIELDS = ("GGUF.", "general.architecture", "general.file_type")


def main() -> None:
    source, target, name = sys.argv[1:]
    kind = {"f32": GGMLQuantizationType.F32, "bf16": GGMLQuantizationType.BF16}[name]
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith(OWN_FIELDS):
            continue
        subtype = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], sub_type=subtype)
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        if kind == GGMLQuantizationType.F32 or values.ndim == 1:
            writer.add_tensor(tensor.name, values)
        else:
            writer.add_tensor(tensor.name, quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
