import CZlib
import Foundation
import Testing

/// The `count` bytes of a zlib stream in base64, as a report holds them.
func inflated(_ base64: String, count: Int) throws -> [UInt8] {
  let packed = Array(try #require(Data(base64Encoded: base64)))
  var bytes = [UInt8](repeating: 0, count: count)
  var length = uLong(count)
  try #require(uncompress(&bytes, &length, packed, uLong(packed.count)) == Z_OK)
  #expect(Int(length) == count)
  return bytes
}
