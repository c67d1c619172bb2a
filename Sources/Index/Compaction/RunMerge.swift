import Bytes

/// Makes one run of several neighbouring ones: frames are moved as they are, records of documents that are no more, and
/// those that a later record replaced, are left out. Documents that are in segments need no filter any more.
struct RunMerge {
  private let step: CompactionStep
  private var index: ShardIndex { step.index }

  init(_ step: CompactionStep) { self.step = step }

  /// - Parameter inputs: neighbours in the version, in its order.
  func merge(_ inputs: [RunReader]) throws {
    let merged = try index.writing { try write(inputs) }
    let numbers = Set(inputs.map(\.number))
    try index.replaceFiles(numbers, with: merged.map { [.runFile($0)] } ?? []) { current in
      guard let place = current.runs.firstIndex(where: { numbers.contains($0.number) }) else { return current }
      var runs = current.runs.filter { !numbers.contains($0.number) }
      if let merged { runs.insert(merged, at: place) }
      return IndexVersion(runs: runs, segments: current.segments, replaced: current.replaced)
    }
  }

  /// - Returns: `nil` where nothing is left.
  private func write(_ inputs: [RunReader]) throws -> RunReader? {
    let users = Set(inputs.flatMap(\.fences.users)).sorted().map(UserID.init(rawValue:))
    let number = try index.reserveFileNumber()
    var writer = try RunWriter(
      fileSystem: index.fileSystem, directory: index.directory, number: number, analyzerHash: index.analyzerHash,
      onWrite: index.meter.noteWritten)
    do {
      for user in users where !index.isRemoved(user) { try append(user, of: inputs, to: &writer) }
      let isEmpty = writer.recordCount == 0
      _ = try writer.finish()
      if isEmpty {
        try index.fileSystem.remove(writer.path)
        return nil
      }
      return try RunReader(fileSystem: index.fileSystem, directory: index.directory, number: number)
    } catch {
      writer.discard()
      throw error
    }
  }

  private func append(_ user: UserID, of inputs: [RunReader], to writer: inout RunWriter) throws {
    let records = try step.records(of: user, in: inputs)
    let live = DocIDBitmap(unordered: try step.source.documents(user).map(\.docID.rawValue))
    for docID in try records.documents().intersection(live).docIDs {
      guard let (block, place) = try records.runs.find(docID) else { continue }
      let frame = try block.run.readFrame(block.fence, block.head, place)
      index.meter.noteRead(frame.count)
      if records.covered.contains(docID) {
        try writer.append(user, docID, EncodedRecord(frame: frame, termHashes: []), isFiltered: false)
      } else {
        try writer.append(user, docID, try filtered(frame, block, docID))
      }
      try step.throttle(256)
    }
  }

  private func filtered(_ frame: [UInt8], _ block: RunRecords.Block, _ docID: DocID) throws -> EncodedRecord {
    try IndexError.naming(block.run.path, at: block.fence.offset) { () throws(DecodingError) in
      try EncodedRecord.make(frame: frame, index.analyzers)
    }
  }
}
