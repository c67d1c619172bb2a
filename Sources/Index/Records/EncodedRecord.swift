package import Analysis
package import Bytes

/// A text record ready to be stored: compressed, and with the hashes of its terms, so that a term's absence is known
/// without decompressing. Made once per mail, on the ingest threads; the frame then moves verbatim from the journal
/// through the arena into runs.
package struct EncodedRecord: Sendable, Hashable {
  /// One zstd frame over `ExtractedTextRecord.encode()`, made with the newest of `RecordDictionaries`.
  package let frame: [UInt8]
  /// `termHash` of every term of every field, after the field's own analyzer; ascending, without
  /// duplicates. The Message-ID is one of them, see `messageIDHash`.
  package let termHashes: [UInt32]
  /// `nil` where nothing is known of them. In no file.
  package let beginnings: BeginningSet?

  package init(frame: [UInt8], termHashes: [UInt32], beginnings: BeginningSet? = nil) {
    self.frame = frame
    self.termHashes = termHashes
    self.beginnings = beginnings
  }

  private init(_ record: ExtractedTextRecord, in frame: [UInt8], _ analyzers: AnalyzerSet) {
    var beginnings = BeginningSet()
    let hashes = Self.hashes(of: record, analyzers, &beginnings)
    self.init(frame: frame, termHashes: hashes, beginnings: beginnings)
  }

  package static func make(_ record: ExtractedTextRecord, _ analyzers: AnalyzerSet) -> EncodedRecord {
    let record = record.bounded()
    return EncodedRecord(record, in: frame(of: record), analyzers)
  }

  static func frame(of record: ExtractedTextRecord) -> [UInt8] {
    Zstd.compress(record.encode(), with: RecordDictionaries.newest)
  }

  /// Whether a frame was made with the dictionary of those that are made today.
  static func hasNewestDictionary(_ frame: [UInt8]) -> Bool { Zstd.dictionaryID(frame) == RecordDictionaries.newest.id }

  /// From a record and the frame that holds it; without hashes where a segment is made of its terms: no filter needs to know
  /// them then.
  static func make(
    _ record: ExtractedTextRecord, in frame: [UInt8], _ analyzers: AnalyzerSet, isFiltered: Bool
  ) -> EncodedRecord {
    isFiltered ? EncodedRecord(record, in: frame, analyzers) : EncodedRecord(frame: frame, termHashes: [])
  }

  /// The same value that `make` gave, from the frame alone: for replay and reindex.
  package static func make(frame: [UInt8], _ analyzers: AnalyzerSet) throws(DecodingError) -> EncodedRecord {
    EncodedRecord(try open(frame), in: frame, analyzers)
  }

  package static func open(_ frame: [UInt8]) throws(DecodingError) -> ExtractedTextRecord {
    try ExtractedTextRecord.decode(decompress(frame))
  }

  /// The beginning alone, at a part of the cost.
  static func openHead(_ frame: [UInt8]) throws(DecodingError) -> RecordHead { try RecordHead(decompress(frame)) }

  private static func decompress(_ frame: [UInt8]) throws(DecodingError) -> [UInt8] {
    try Zstd.decompress(frame, limit: ExtractedTextRecord.byteCountLimit, dictionaries: RecordDictionaries.all)
  }

  /// The record's bytes before they were compressed; of a damaged frame 0.
  static func decodedByteCount(ofFrame frame: [UInt8]) -> Int { Zstd.declaredByteCount(frame) ?? 0 }

  /// Stands among the term hashes for the record's Message-ID. No term begins with a NUL.
  package static func messageIDHash(_ messageID: String) -> UInt32 { termHash([0] + Array(messageID.utf8)) }

  private static func hashes(
    of record: ExtractedTextRecord, _ analyzers: AnalyzerSet, _ beginnings: inout BeginningSet
  ) -> [UInt32] {
    var hashes: [UInt32] = []
    hashes.reserveCapacity(record.body.utf8.count / 5 + 64)
    for field in RecordField.allCases {
      let analyzer = analyzers[field.analyzer]
      record.forEachValue(of: field) { value in
        var value = value
        value.withUTF8Span { bytes in
          analyzer.forEachToken(in: bytes) { term, _ in
            hashes.append(termHash(term))
            beginnings.insert(term)
          }
        }
      }
    }
    if let messageID = record.messageID { hashes.append(messageIDHash(messageID)) }
    RadixSort.sort(&hashes, by: 32)
    var unique = 0
    for index in hashes.indices where index == 0 || hashes[index] != hashes[unique - 1] {
      hashes[unique] = hashes[index]
      unique += 1
    }
    hashes.removeLast(hashes.count - unique)
    return hashes
  }
}

extension String {
  /// The text's bytes, without a copy for native strings.
  fileprivate mutating func withUTF8Span(_ body: (Span<UInt8>) -> Void) {
    makeContiguousUTF8()
    body(utf8.span)
  }
}
