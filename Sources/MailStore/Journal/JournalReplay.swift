import Bytes

/// Reads the durable records of a journal's files in order.
struct JournalReplay {
  let fileSystem: any FileSystem
  let directory: String
  let files: [JournalFile]
  let lastSequence: SequenceNumber

  func replay(after sequence: SequenceNumber, _ body: (JournalRecord) throws -> Void) throws {
    if sequence > lastSequence {
      throw damage(expected: "sequence \(sequence), which a view of it has", found: "the end after \(lastSequence)")
    }
    if sequence == lastSequence { return }
    guard let first = files.first, first.firstSequence <= sequence.next else {
      throw damage(
        expected: "a file that holds sequence \(sequence.next)",
        found: "files from \(files.first?.firstSequence ?? .zero) on")
    }
    for (index, file) in files.enumerated() {
      let following = index + 1 < files.count ? files[index + 1].firstSequence : lastSequence.next
      if following > sequence.next { try replay(file, upTo: following, after: sequence, body) }
    }
  }

  private func replay(
    _ file: JournalFile, upTo following: SequenceNumber, after sequence: SequenceNumber,
    _ body: (JournalRecord) throws -> Void
  ) throws {
    let path = JournalFile.path(directory, file.number)
    var cursor = JournalFrameCursor(try fileSystem.readFile(path), salt: file.salt)
    var next = file.firstSequence
    while next < following, let frame = cursor.next() {
      let after = try Self.sequence(after: frame, expecting: next, path: path)
      if after > sequence.next {
        let records = try Self.read(frame, path) { () throws(DecodingError) in try frame.records() }
        for record in records where record.sequence > sequence { try body(record) }
      }
      next = after
    }
    guard next == following else {
      throw StoreError(
        PackProblem(
          file: path, offset: UInt64(cursor.offset), expected: "a frame with sequence \(next)",
          found: cursor.end.map { "\($0.found) in place of \($0.expected)" } ?? "the next file"))
    }
  }

  private func damage(expected: String, found: String) -> StoreError {
    StoreError(PackProblem(file: directory, offset: 0, expected: expected, found: found))
  }

  /// The sequence that follows `frame`, having checked that it is the one that was due.
  static func sequence(
    after frame: JournalFrameCursor.Frame, expecting expected: SequenceNumber, path: String
  ) throws -> SequenceNumber {
    guard frame.sequence == expected else {
      throw StoreError(
        PackProblem(
          file: path, offset: UInt64(frame.offset), expected: "a frame with sequence \(expected)",
          found: "\(frame.sequence)"))
    }
    return try read(frame, path) { () throws(DecodingError) in try frame.followingSequence() }
  }

  private static func read<Value>(
    _ frame: JournalFrameCursor.Frame, _ path: String, _ body: () throws(DecodingError) -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch {
      throw StoreError(
        PackProblem(
          file: path, offset: UInt64(frame.offset), expected: "records that this version knows",
          found: "an intact frame that cannot be read \(error)"))
    }
  }
}
