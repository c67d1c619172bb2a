import Bytes

/// What is suspicious in an archive and all archives in it.
struct ArchiveReport: Hashable, Sendable {
  /// A hostile archive has thousands; so many tell enough.
  static let maxSuspicions = 20

  private(set) var suspicions: [Suspicion] = []

  init() {}

  /// Each kind is kept although there are many of another.
  mutating func note(_ suspicion: Suspicion) {
    let isKnownKind = suspicions.contains { $0.kind == suspicion.kind }
    let limit = isKnownKind ? Self.maxSuspicions : Self.maxSuspicions + Suspicion.Kind.allCases.count
    if suspicions.count < limit, !suspicions.contains(suspicion) { suspicions.append(suspicion) }
  }
}

extension ArchiveReport {
  /// What the process that unpacks writes.
  static let maxByteCount = 64 << 10

  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(suspicions.count)
    for suspicion in suspicions {
      writer.write(suspicion.kind.rawValue)
      writer.writeLengthPrefixed(suspicion.detail)
    }
    return writer.bytes
  }

  /// The bytes come from a process that had a stranger's archive in its hands.
  init(decoding bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    for _ in 0..<(try reader.readCount()) {
      let byte = try reader.readUInt8()
      guard let kind = Suspicion.Kind(rawValue: byte) else {
        throw DecodingError(offset: reader.offset - 1, message: "expected a kind of suspicion, found \(byte)")
      }
      note(Suspicion(kind, try reader.readString()))
    }
    guard reader.remaining == 0 else {
      throw DecodingError(offset: reader.offset, message: "bytes behind the report")
    }
  }
}
