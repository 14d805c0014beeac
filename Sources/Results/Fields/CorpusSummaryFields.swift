import ModelFiles

// The corpus as `result.json` and evaluations both name it.

extension CorpusSummary {
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("name", .string(name)),
      .init("tokens", .int(tokens)),
      .init("chunks", .int(chunks)),
      .init("chunk_length", .int(chunkLength)),
      .init("bos", .bool(bos)),
      .init("fingerprint", .string(fingerprint)),
    ]
    if let reading {
      members.append(.init("read", reading.json))
      members.append(.init("left_out", .array(reading.leftOut.entries.map(\.json))))
    }
    return .object(members)
  }

  init(_ field: ResultField) throws(ResultsFolderProblem) {
    self.init(
      name: try field.string("name"), tokens: try field.count("tokens", 0...),
      chunks: try field.count("chunks", 1...),
      chunkLength: try field.count("chunk_length", 1...), bos: try field.bool("bos"),
      fingerprint: try field.string("fingerprint"),
      // There is none in files from before it was kept.
      reading: field.node["read"] == nil ? nil : try CorpusReading(of: field))
  }
}

extension CorpusReading {
  fileprivate var json: JSONValue {
    [
      "files": .int(files),
      "documents": .int(documents),
      "without_text": .int(withoutText),
      "replacements": .int(replacements),
    ]
  }

  fileprivate init(of field: ResultField) throws(ResultsFolderProblem) {
    let read = try field.member("read")
    var entries: [LeftOut.Entry] = []
    for row in try field.member("left_out").elements() {
      guard let reason = LeftOut.Reason(rawValue: try row.string("reason")) else {
        throw .wrongType(field: "\(row.path).reason", expected: "a reason that is known")
      }
      var names: [String] = []
      for name in try row.member("names").elements() {
        guard let text = name.node.string else {
          throw .wrongType(field: name.path, expected: "a string")
        }
        names.append(text)
      }
      entries.append(
        LeftOut.Entry(reason: reason, count: try row.count("count", names.count...), names: names))
    }
    self.init(
      files: try read.count("files", 0...), documents: try read.count("documents", 0...),
      withoutText: try read.count("without_text", 0...),
      replacements: try read.count("replacements", 0...), leftOut: LeftOut(entries))
  }
}

extension LeftOut.Entry {
  fileprivate var json: JSONValue {
    [
      "reason": .string(reason.rawValue),
      "count": .int(count),
      "names": .array(names.map(JSONValue.string)),
    ]
  }
}
