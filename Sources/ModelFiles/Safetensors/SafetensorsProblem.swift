/// A rule of the safetensors format that a file breaks.
public enum SafetensorsProblem: Error, Sendable, Equatable {
  // The header as text.
  case tooShort(bytes: Int)
  case headerTooLong(bytes: UInt64)
  case headerPastEnd(bytes: UInt64, remaining: Int)
  case headerNotAnObject
  case headerNotJSON(JSONError)

  // One tensor's fields.
  case badMetadata(key: String)
  case nameHoldsNUL(tensor: String)
  case tensorNotAnObject(tensor: String)
  case missingField(tensor: String, field: String)
  case dtypeNotAString(tensor: String)
  case unknownDtype(tensor: String, dtype: String)
  case shapeNotAnArray(tensor: String)
  case badDimension(tensor: String, axis: Int)
  case rankTooHigh(tensor: String, rank: Int)
  case offsetsNotAPair(tensor: String)
  case badOffset(tensor: String, index: Int)
  case endBeforeBegin(tensor: String, begin: Int, end: Int)
  case sizeOverflow(tensor: String)
  case notWholeBytes(tensor: String)
  case wrongSize(tensor: String, declared: Int, needed: Int)

  // All tensors together: their data must fill the file without gap or overlap.
  case firstOffsetNotZero(tensor: String, begin: Int)
  case gap(after: String, before: String, bytes: Int)
  case overlap(String, String)
  case alias(String, String)
  case dataPastEnd(tensor: String, end: Int, available: Int)
  case trailingBytes(count: Int)
}

/// What is wrong with `model.safetensors.index.json`, which tells the shard of every tensor.
public enum ShardIndexProblem: Error, Sendable, Equatable {
  case notJSON(JSONError)
  case noWeightMap
  case shardNotAString(tensor: String)
  case unsafeShardName(String)
  case shardNotSafetensors(String)
  case shardMissing(String)
  case tensorInTwoShards(tensor: String, String, String)
}
