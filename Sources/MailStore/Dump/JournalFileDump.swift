import Bytes

/// Prints a journal file frame by frame, holding one at a time. Where none stands it says so, and goes on with the next whole
/// frame, if there is one: then something durable was damaged, as each batch is written after the one before was synced.
struct JournalFileDump {
  private static let windowByteCount = 1 << 20

  private let path: String
  private let file: any File
  private let byteCount: UInt64
  private let output: DumpOutput

  init(_ path: String, _ fileSystem: any FileSystem, _ output: DumpOutput) throws {
    self.path = path
    self.output = output
    file = try fileSystem.open(path, .read)
    byteCount = try file.byteCount()
  }

  func write() throws {
    let header: JournalHeader
    do {
      header = try JournalHeader(file.read(at: 0, byteCount: JournalFormat.headerByteCount)[...])
    } catch let error as DecodingError {
      return try output.damage(at: UInt64(error.offset), error.message)
    }
    try output.line(JournalDump.line(header))
    var offset = UInt64(JournalFormat.headerByteCount)
    var last = SequenceNumber(rawValue: header.firstSequence.rawValue == 0 ? 0 : header.firstSequence.rawValue - 1)
    while offset < byteCount {
      do throws(JournalFrameCursor.NoFrame) {
        let frame = try readFrame(at: offset, header.salt)
        last = frame.sequence
        for line in JournalDump.lines(of: frame, output.scope.user) { try writing { try output.line(line) } }
        offset += UInt64(JournalFormat.frameByteCount(payload: frame.payload.count))
      } catch {
        if try isZero(from: offset) { break }
        let next = try nextFrame(after: offset, last, header.salt)
        let what = "expected \(error.expected), found \(error.found)"
        try output.damage(
          at: offset,
          next.map { "\(what); the next whole frame is at \($0)" } ?? "\(what): an unfinished write, or damage")
        guard let next else { return }
        offset = next
      }
    }
    try output.line("\(min(offset, byteCount)): end")
  }

  /// What the output throws ends the dump; the loop's own errors are of one type.
  private func writing(_ body: () throws -> Void) throws(JournalFrameCursor.NoFrame) {
    do { try body() } catch { throw JournalFrameCursor.NoFrame(expected: "room for output", found: "\(error)") }
  }

  private func readFrame(at offset: UInt64, _ salt: UInt32) throws(JournalFrameCursor.NoFrame)
    -> JournalFrameCursor.Frame
  {
    do {
      let start = try file.read(at: offset, byteCount: JournalFormat.frameHeaderByteCount)
      var reader = ByteReader(start)
      guard let length = try? reader.readUInt32() else {
        throw JournalFrameCursor.NoFrame(expected: "a frame", found: "the end of the file")
      }
      guard length > 0, length <= JournalFormat.maxPayloadByteCount, offset + 16 + UInt64(length) <= byteCount else {
        throw JournalFrameCursor.NoFrame(expected: "the length of a frame", found: "\(length)")
      }
      let bytes = try file.read(at: offset, byteCount: JournalFormat.frameHeaderByteCount + Int(length))
      return try JournalFrameCursor.frame(in: bytes, at: offset, salt)
    } catch let error as JournalFrameCursor.NoFrame {
      throw error
    } catch {
      throw JournalFrameCursor.NoFrame(expected: "a frame", found: "\(error)")
    }
  }

  private func isZero(from start: UInt64) throws -> Bool {
    var offset = start
    while offset < byteCount {
      let bytes = try file.read(at: offset, byteCount: Self.windowByteCount)
      if bytes.isEmpty { return true }
      if !bytes[...].isAllZero { return false }
      offset += UInt64(bytes.count)
    }
    return true
  }

  /// The next place at which a frame of a later sequence is whole.
  private func nextFrame(after offset: UInt64, _ last: SequenceNumber, _ salt: UInt32) throws -> UInt64? {
    var start = offset + UInt64(JournalFormat.alignment)
    while start + UInt64(JournalFormat.frameHeaderByteCount) <= byteCount {
      let bytes = try file.read(at: start, byteCount: Self.windowByteCount)
      var place = 0
      while place + JournalFormat.frameHeaderByteCount <= bytes.count {
        var reader = ByteReader(bytes[place..<place + JournalFormat.frameHeaderByteCount])
        let length = try reader.readUInt32()
        _ = try reader.readUInt32()
        let sequence = try reader.readUInt64()
        if length > 0, sequence > last.rawValue, sequence - last.rawValue < 1 << 40,
          (try? readFrame(at: start + UInt64(place), salt)) != nil
        {
          return start + UInt64(place)
        }
        place += JournalFormat.alignment
      }
      guard place > 0 else { return nil }
      start += UInt64(place)
    }
    return nil
  }
}
