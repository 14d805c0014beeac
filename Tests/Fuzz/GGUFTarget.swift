import Foundation
import ModelFiles

/// A GGUF file as it is: opened, every key asked for under every type, every tensor read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGGUF(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let path = Scratch.write(
    UnsafeRawBufferPointer(start: start, count: count), to: "model.gguf")
  do throws(CheckpointError) {
    let checkpoint = try Checkpoint.open(path)
    if let metadata = checkpoint.gguf { readWhole(metadata) }
    for tensor in checkpoint.tensors {
      precondition(checkpoint.tensors[tensor.name] == tensor, "a tensor cannot be found")
      checkpoint.withBytes(of: tensor) { bytes in
        precondition(bytes.count == tensor.byteCount)
        _ = bytes.reduce(0) { $0 &+ $1 }
        var values = [Float](repeating: 0, count: min(tensor.elementCount, 1 << 16))
        _ = values.withUnsafeMutableBufferPointer { tensor.type.dequantize(bytes, into: $0) }
      }
    }
    precondition(checkpoint.parameterCount >= 0)
    precondition(checkpoint.fingerprint().utf8.count == 64)
  } catch {
    expectOneLine(error)
  }
  return 0
}

private func readWhole(_ metadata: GGUFMetadata) {
  for key in metadata.keys {
    precondition(metadata.type(of: key) != nil, "a key cannot be found")
    _ = (metadata.string(key), metadata.unsigned(key), metadata.integer(key))
    _ = (metadata.float(key), metadata.bool(key))
    _ = (metadata.integers(key), metadata.floats(key), metadata.bools(key))
    if let strings = metadata.strings(key) {
      precondition(strings.count == metadata.array(key)?.count)
      for position in strings.indices { _ = (strings[position], strings.bytes(at: position)) }
    }
  }
}
