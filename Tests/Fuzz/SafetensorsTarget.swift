import Foundation
import ModelFiles

/// A safetensors file or the index of a sharded one, opened and read whole.
///
/// The first byte says what follows: `r` a file as it is; `h` a header without its length, and
/// behind a NUL two bytes that count the bytes of tensor data, which are made up; `i` an index.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  guard let kind = input.first else { return 0 }
  let body = UnsafeRawBufferPointer(rebasing: input.dropFirst())
  let path: String
  switch kind {
  case UInt8(ascii: "h"):
    let (header, tail) = halves(body)
    let size = tail.count >= 2 ? Int(tail[0]) | Int(tail[1]) << 8 : 0
    path = withUnsafeBytes(of: UInt64(header.count).littleEndian) { length in
      [UInt8](repeating: 0x3C, count: size).withUnsafeBytes {
        Scratch.write(length, header, $0, to: "model.safetensors")
      }
    }
  case UInt8(ascii: "i"):
    path = Scratch.write(body, to: "model.safetensors.index.json")
  default:
    path = Scratch.write(body, to: "model.safetensors")
  }
  _ = surroundings
  do throws(CheckpointError) {
    let checkpoint = try Checkpoint.open(path)
    readWhole(checkpoint)
  } catch {
    expectOneLine(error)
  }
  return 0
}

/// The configuration, and two sound shards that an index may name.
private let surroundings: Void = {
  Scratch.write("{}", to: "config.json")
  for (shard, tensor) in [("a", "x"), ("b", "y")] {
    let header = "{\"\(tensor)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
    Scratch.write(
      "\(Unicode.Scalar(UInt8(header.utf8.count)))\0\0\0\0\0\0\0\(header)\0\0\0\0",
      to: "\(shard).safetensors")
  }
}()

private func readWhole(_ checkpoint: Checkpoint) {
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
}
