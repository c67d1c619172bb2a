import Bytes

/// One term of a dictionary, with where its postings are.
struct TermEntry: Sendable, Equatable {
  enum Postings: Sendable, Equatable {
    /// Of a term in one document, as are most of a mailbox.
    case inline(ordinal: UInt32, mask: UInt16)
    /// A posting list's place in the part.
    case list(offset: UInt64, byteCount: UInt64)
  }

  /// Documents that hold the term.
  let documentCount: Int
  let postings: Postings
}

/// A user's terms in one part, ascending by bytes, in blocks of about 2 KiB; the part's head knows each block's first term.
///
///     block := varint offset of the first list of the block, entry*
///     entry := varint bytes shared with the term before (0 for the first), varint other bytes, these,
///              varint documents, then for one document: varint ordinal, varint field mask
///                                    for several:      varint bytes of the posting list
///
/// Lists of a block lie one after another, in the order of the terms.
enum TermDictionary {
  static let blockByteLimit = 2_048

  /// Makes blocks of terms that come in ascending order.
  struct Writer {
    private(set) var bytes: [UInt8] = []
    private(set) var firstTerms: [[UInt8]] = []
    private(set) var blockByteCounts: [Int] = []
    private var block = ByteWriter(reserving: TermDictionary.blockByteLimit + 256)
    private var last: [UInt8] = []

    /// - Parameter listOffset: where the term's posting list begins, or the next one would.
    mutating func append(_ term: [UInt8], _ entry: TermEntry, listOffset: UInt64) {
      if block.count == 0 {
        firstTerms.append(term)
        block.writeVarint(listOffset)
        last = []
      }
      let shared = Self.sharedCount(last, term)
      block.writeVarint(shared)
      block.writeVarint(term.count - shared)
      block.write(term[shared...])
      block.writeVarint(entry.documentCount)
      switch entry.postings {
      case .inline(let ordinal, let mask):
        block.writeVarint(UInt64(ordinal))
        block.writeVarint(UInt64(mask))
      case .list(_, let byteCount): block.writeVarint(byteCount)
      }
      last = term
      if block.count >= TermDictionary.blockByteLimit { closeBlock() }
    }

    mutating func finish() { if block.count > 0 { closeBlock() } }

    private mutating func closeBlock() {
      bytes += block.bytes
      blockByteCounts.append(block.count)
      block = ByteWriter(reserving: TermDictionary.blockByteLimit + 256)
    }

    private static func sharedCount(_ left: [UInt8], _ right: [UInt8]) -> Int {
      var count = 0
      let limit = min(left.count, right.count)
      while count < limit, left[count] == right[count] { count += 1 }
      return count
    }
  }

  /// Walks the entries of one block.
  struct BlockReader {
    private var reader: ByteReader
    private var listOffset: UInt64
    private(set) var term: [UInt8] = []
    private let documentLimit: UInt64

    /// - Parameter documentLimit: the part's documents.
    init(_ block: ArraySlice<UInt8>, documentLimit: Int) throws(DecodingError) {
      reader = ByteReader(block)
      listOffset = try reader.readVarint()
      self.documentLimit = UInt64(documentLimit)
      guard listOffset <= UInt64(Int64.max) else {
        throw DecodingError(offset: 0, message: "posting lists at \(listOffset)")
      }
    }

    /// The next term is in `term` then; `nil` past the last.
    mutating func next() throws(DecodingError) -> TermEntry? {
      if reader.isAtEnd { return nil }
      let shared = try reader.readVarint()
      guard shared <= UInt64(term.count) else {
        throw DecodingError(offset: reader.offset, message: "a term shares \(shared) of \(term.count) bytes")
      }
      let suffix = try reader.readLengthPrefixed()
      term.removeLast(term.count - Int(shared))
      term += suffix
      let documentCount = try reader.readVarint()
      guard documentCount > 0, documentCount <= documentLimit else {
        throw DecodingError(offset: reader.offset, message: "a term in \(documentCount) of \(documentLimit) documents")
      }
      guard documentCount == 1 else {
        let byteCount = try reader.readVarint()
        let offset = listOffset
        guard byteCount <= UInt64(UInt32.max) else {
          throw DecodingError(offset: reader.offset, message: "a posting list of \(byteCount) bytes")
        }
        listOffset += byteCount
        return TermEntry(documentCount: Int(documentCount), postings: .list(offset: offset, byteCount: byteCount))
      }
      let ordinal = try reader.readVarint()
      let mask = try reader.readVarint()
      guard ordinal < documentLimit, mask > 0, let mask = UInt16(exactly: mask) else {
        throw DecodingError(offset: reader.offset, message: "a posting of ordinal \(ordinal) with mask \(mask)")
      }
      return TermEntry(documentCount: 1, postings: .inline(ordinal: UInt32(ordinal), mask: mask))
    }
  }
}

extension [UInt8] {
  /// By bytes; a beginning of another comes first.
  func precedes(_ other: [UInt8]) -> Bool {
    let limit = Swift.min(count, other.count)
    var index = 0
    while index < limit {
      if self[index] != other[index] { return self[index] < other[index] }
      index += 1
    }
    return count < other.count
  }
}
