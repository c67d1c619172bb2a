import Bytes
import Logging

/// Makes one attribute file of several neighbouring ones: of the same document the latest row counts, and where a base is among
/// them, what is removed is left out. Takes the memory of a block for each of them.
struct AttributeFileMerge {
  private let index: ShardIndex
  private let throttle: (_ work: Int) throws -> Void

  init(_ index: ShardIndex, throttle: @escaping (_ work: Int) throws -> Void) {
    self.index = index
    self.throttle = throttle
  }

  /// - Parameters:
  ///   - inputs: neighbours, oldest first.
  ///   - earlier: the files before them.
  /// - Returns: the durable, not yet listed file; `nil` where nothing is left.
  func merge(_ inputs: [AttributeFileReader], after earlier: ArraySlice<AttributeFileReader>) throws
    -> AttributeFileReader?
  {
    var writer = try AttributeFileWriter(
      fileSystem: index.fileSystem, directory: index.directory, number: index.reserveFileNumber(),
      onWrite: index.meter.noteWritten)
    do {
      var places = [Int](repeating: 0, count: inputs.count)
      while true {
        let fences = inputs.indices.map { places[$0] < inputs[$0].fences.count ? inputs[$0].fences[places[$0]] : nil }
        guard let user = fences.compactMap(\.?.user).min() else { break }
        var parts: [(AttributeFileReader, AttributeFences.Part)] = []
        for (input, fence) in fences.enumerated() {
          guard let fence, fence.user == user else { continue }
          parts.append((inputs[input], fence))
          places[input] += 1
        }
        if !index.isRemoved(user) { try append(user, parts, earlier, to: &writer) }
      }
      let isEmpty = writer.partCount == 0
      _ = try writer.finish()
      if isEmpty {
        try index.fileSystem.remove(writer.path)
        return nil
      }
      return try AttributeFileReader(
        fileSystem: index.fileSystem, directory: index.directory, number: writer.number)
    } catch {
      writer.discard()
      throw error
    }
  }

  private func append(
    _ user: UserID, _ parts: [(AttributeFileReader, AttributeFences.Part)],
    _ earlier: ArraySlice<AttributeFileReader>, to writer: inout AttributeFileWriter
  ) throws {
    let base = parts.lastIndex { $0.1.isBase }
    // What was added to a base that is no more tells nothing.
    if base == nil, !earlier.contains(where: { $0.fences.part(of: user)?.isBase == true }) { return }
    let readers = try parts[(base ?? 0)...].map { file, fence in
      index.meter.noteRead(Int(fence.byteCount))
      return try AttributePartReader(file, fence)
    }
    var merge = try AttributeMerge(readers)
    try writer.beginPart(of: user, sequence: readers.map(\.sequence).max() ?? .zero, isBase: base != nil)
    while let (block, rows) = try merge.next() {
      for row in rows where base == nil || !block.isRemoved(row) { try writer.append(row, of: block) }
      try throttle(rows.count)
    }
    try writer.endPart()
  }
}

extension ShardIndex {
  /// Merges attribute files where that is due.
  /// - Returns: whether something was done.
  func compactAttributes(_ goal: CompactionGoal, throttle: @escaping (_ work: Int) throws -> Void) throws -> Bool {
    let files = state.withLock { $0.attributeFiles }
    guard let range = CompactionPlan.attributeFiles(files.map(\.byteCount), options.compaction, goal) else {
      return false
    }
    let inputs = Array(files[range])
    do {
      let merged = try writing {
        try AttributeFileMerge(self, throttle: throttle).merge(inputs, after: files[..<range.lowerBound])
      }
      try replace(inputs, with: merged)
      return true
    } catch let error as IndexError where error.code == .corrupt {
      giveUpAttributeFiles(because: error, inputs)
      return true
    }
  }

  private func replace(_ inputs: [AttributeFileReader], with merged: AttributeFileReader?) throws {
    let numbers = Set(inputs.map(\.number))
    try edit { edits throws in
      let (files, version, removed) = state.withLock { ($0.attributeFiles, $0.version, $0.removedUsers) }
      // Given up meanwhile.
      guard let place = files.firstIndex(where: { numbers.contains($0.number) }) else {
        if let merged { try? fileSystem.remove(merged.path) }
        return
      }
      var next = files.filter { !numbers.contains($0.number) }
      if let merged { next.insert(merged, at: place) }
      try fileSystem.syncDirectory(directory)
      try commit(&edits, orRemove: merged?.path) { manifest in
        manifest.attributeFiles = next.map { Manifest.Entry($0) }
        manifest.removedUsers = Self.removedUsers(removed, in: version, next)
      }
      state.withLock { state in
        // Or just now: then the result tells as little as they did.
        state.attributeFiles = state.attributeFiles.isEmpty ? [] : next
      }
      for file in inputs { try? fileSystem.remove(file.path) }
    }
  }
}

extension CompactionPlan {
  /// The neighbouring attribute files to be merged.
  static func attributeFiles(
    _ sizes: [UInt64], _ limits: CompactionLimits, _ goal: CompactionGoal
  ) -> Range<Int>? {
    switch goal {
    case .due: tier(of: sizes, limits.fanIn)
    case .oneRun: sizes.count > 1 ? 0..<sizes.count : nil
    case .onePart: nil
    }
  }
}
