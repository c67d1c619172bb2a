import Bytes

/// Walks all terms of a part, ascending, with their postings: what merges and verification read.
struct PartTerms {
  private let part: SegmentPart
  private var block = 0
  private var reader: TermDictionary.BlockReader?
  private(set) var entry: TermEntry?

  /// The term here; not used past the last one.
  var term: [UInt8] { reader?.term ?? [] }

  /// Stands on the first term.
  init(_ part: SegmentPart) throws {
    self.part = part
    try next()
  }

  /// To the next term; `entry` is `nil` past the last one.
  mutating func next() throws {
    while true {
      if let entry = try readEntry() {
        self.entry = entry
        return
      }
      guard block < part.head.firstTerms.count else {
        entry = nil
        return
      }
      reader = try part.blockReader(block)
      block += 1
    }
  }

  private mutating func readEntry() throws -> TermEntry? {
    guard var reader else { return nil }
    self.reader = nil
    let entry = try part.decoding(at: part.fence.dictionaryOffset) { () throws(DecodingError) in try reader.next() }
    self.reader = reader
    return entry
  }
}
