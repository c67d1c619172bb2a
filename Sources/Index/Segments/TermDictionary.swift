import Bytes

/// One term of a dictionary, with where its postings are.
package struct TermEntry: Sendable, Equatable {
  package enum Postings: Sendable, Equatable {
    /// Of a term in one document, as are most of a mailbox.
    case lone(LonePosting)
    /// A posting list's place in the part.
    case list(offset: UInt64, byteCount: UInt64)
  }

  /// Documents that hold the term.
  package let documentCount: Int
  package let postings: Postings
}

/// A user's terms in one part, ascending by bytes, in blocks of about 512 bytes; the part's head knows each block's first term.
///
///     block := varint offset of the first list of the block, entry*
///     entry := varint bytes shared with the term before (0 for the first), varint other bytes, these,
///              varint documents, then for one document: the posting (see `LonePosting`)
///                                    for several:      varint bytes of the posting list
///
/// Lists of a block lie one after another, in the order of the terms.
enum TermDictionary {
  static let blockByteLimit = 512

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
      case .lone(let posting): posting.encode(into: &block)
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

    /// Stands before the rest of an entry, behind its term.
    init(entry: ArraySlice<UInt8>, listOffset: UInt64, documentLimit: Int) {
      reader = ByteReader(entry)
      self.listOffset = listOffset
      self.documentLimit = UInt64(documentLimit)
    }

    /// The next term is in `term` then; `nil` past the last.
    mutating func next() throws(DecodingError) -> TermEntry? {
      guard let (shared, suffix) = try nextTerm(after: term.count) else { return nil }
      // `find` rests on it.
      guard shared == term.count || suffix.first != term[shared] else {
        throw DecodingError(offset: reader.offset, message: "a term shares more than \(shared) bytes")
      }
      term.removeLast(term.count - shared)
      term += suffix
      return try nextEntry()
    }

    private mutating func nextTerm(
      after byteCount: Int
    ) throws(DecodingError) -> (shared: Int, suffix: ArraySlice<UInt8>)? {
      if reader.isAtEnd { return nil }
      let shared = try reader.readVarint()
      guard shared <= UInt64(byteCount) else {
        throw DecodingError(offset: reader.offset, message: "a term shares \(shared) of \(byteCount) bytes")
      }
      return (Int(shared), try reader.readLengthPrefixed())
    }

    mutating func nextEntry() throws(DecodingError) -> TermEntry {
      let documentCount = try reader.readVarint()
      guard documentCount > 0, documentCount <= documentLimit else {
        throw DecodingError(offset: reader.offset, message: "a term in \(documentCount) of \(documentLimit) documents")
      }
      guard documentCount == 1 else {
        let byteCount = try reader.readVarint()
        let (end, overflows) = listOffset.addingReportingOverflow(byteCount)
        guard !overflows else { throw DecodingError(offset: reader.offset, message: "posting lists at \(listOffset)") }
        let offset = listOffset
        guard byteCount <= UInt64(UInt32.max) else {
          throw DecodingError(offset: reader.offset, message: "a posting list of \(byteCount) bytes")
        }
        listOffset = end
        return TermEntry(documentCount: Int(documentCount), postings: .list(offset: offset, byteCount: byteCount))
      }
      let posting = try LonePosting(from: &reader, limit: documentLimit)
      return TermEntry(documentCount: 1, postings: .lone(posting))
    }
  }
}

extension TermDictionary {
  /// The entry of one term in the block that would hold it; `nil` where there is none.
  ///
  /// Compares without putting terms together: the term before came before the wanted one, and how many bytes they have in
  /// common says what a shared beginning means for the next.
  static func find(
    _ wanted: [UInt8], in block: ArraySlice<UInt8>, documentLimit: Int
  ) throws(DecodingError) -> TermEntry? {
    let bytes = block.span
    var index = 0
    var listOffset = try bytes.readVarint(&index)
    var common = 0
    while index < bytes.count {
      let shared = try bytes.readVarint(&index)
      let suffixCount = try bytes.readVarint(&index)
      guard suffixCount <= UInt64(bytes.count - index) else { throw .endsEarly(at: index) }
      let end = index + Int(suffixCount)
      if shared < common { return nil }
      if shared == common {
        while common < wanted.count, index < end, bytes[index] == wanted[common] {
          common += 1
          index += 1
        }
        if index == end, common == wanted.count {
          var entry = BlockReader(
            entry: block[(block.startIndex + end)...], listOffset: listOffset, documentLimit: documentLimit)
          return try entry.nextEntry()
        }
        if index < end, common == wanted.count || bytes[index] > wanted[common] { return nil }
      }
      index = end
      try skipEntry(bytes, &index, &listOffset)
    }
    return nil
  }

  /// Behind a term.
  @inline(__always)
  static func skipEntry(
    _ bytes: Span<UInt8>, _ index: inout Int, _ listOffset: inout UInt64
  ) throws(DecodingError) {
    guard try bytes.readVarint(&index) == 1 else {
      listOffset &+= try bytes.readVarint(&index)
      return
    }
    // Of a posting only where it ends.
    _ = try bytes.skipVarint(&index)
    var fields = try bytes.readVarint(&index)
    while fields != 0 {
      fields &= fields &- 1
      while try bytes.skipVarint(&index) & 1 != 0 {}
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
