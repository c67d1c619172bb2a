import Bytes

/// Prints an attribute file: each user's part, and what its rows say of which document.
struct AttributeDump {
  private let path: String
  private let fileSystem: any FileSystem
  private let output: DumpOutput

  init(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) {
    self.path = path
    self.fileSystem = fileSystem
    self.output = output
  }

  func write() throws {
    guard let file = try output.noting(path, { try AttributeFileReader(fileSystem: fileSystem, path: path) }) else {
      return
    }
    try output.line("attribute file number \(file.number), \(file.byteCount) bytes, \(file.rowCount) rows")
    for index in 0..<file.fences.count {
      let fence = file.fences[index]
      guard output.scope.shows(fence.user.rawValue) else { continue }
      try output.line(
        "user \(fence.user): \(fence.isBase ? "base" : "delta") at \(fence.offset), \(fence.byteCount) bytes")
      try output.noting(path) { try writeRows(of: fence, file) }
    }
    for problem in file.verify() { try output.damage(problem.message) }
  }

  private func writeRows(of fence: AttributeFences.Part, _ file: AttributeFileReader) throws {
    var part = try AttributePartReader(file, fence)
    try output.line("  up to the user's change \(part.sequence)")
    while let block = try part.next() {
      for row in 0..<block.count {
        guard let attributes = block.attributes(row) else {
          try output.line("  \(block.docIDs[row]): removed")
          continue
        }
        try output.line(
          "  \(block.docIDs[row]): received \(attributes.receivedAt), folder \(attributes.folder), flags "
            + "\(attributes.flags.rawValue), labels \(attributes.labels), \(attributes.size) bytes, thread "
            + "\(attributes.thread)")
      }
    }
  }
}
