import Bytes

/// Writes one segment file. Users come ascending, a user's terms ascending by bytes; `finish` makes the file's bytes
/// durable, after which the caller syncs the directory and lists the segment in the manifest.
struct SegmentWriter {
  let number: UInt64
  let path: String
  private let fileSystem: any FileSystem
  private var pages: PagedWriter
  private var fences = SegmentFences()
  private var dictionary = TermDictionary.Writer()
  private var user: UserID?
  private var docIDs: [UInt32] = []
  private var partOffset: UInt64 = 0
  private var encoder = PostingListEncoder()
  private(set) var documentCount: UInt64 = 0

  /// - Parameter onWrite: told of all that goes to the file.
  init(
    fileSystem: any FileSystem, directory: String, number: UInt64, analyzerHash: UInt64,
    onWrite: @escaping (_ byteCount: Int) -> Void = { _ in }
  ) throws(FileError) {
    self.number = number
    self.fileSystem = fileSystem
    path = directory + "/" + IndexFileFormat.segment.fileName(number)
    pages = PagedWriter(
      file: try fileSystem.open(path, .create),
      header: IndexFileFormat.segment.header(number: number, analyzerHash: analyzerHash), onWrite: onWrite)
  }

  /// Bytes so far, roughly.
  var byteCount: UInt64 { pages.byteCount }

  /// - Parameter docIDs: by ordinal, one or more.
  mutating func beginPart(of user: UserID, docIDs: [UInt32]) {
    precondition(self.user == nil && !docIDs.isEmpty)
    if let last = fences.parts.last { precondition(last.user < user.rawValue, "users of a segment are ascending") }
    self.user = user
    self.docIDs = docIDs
    partOffset = pages.count
    dictionary = TermDictionary.Writer()
  }

  /// - Parameter postings: one or more.
  mutating func append(_ term: [UInt8], _ postings: TermPostings) throws(FileError) {
    if postings.count == 1 { return append(term, LonePosting(postings)) }
    let offset = pages.count - partOffset
    encoder.encode(postings)
    let byteCount = UInt64(encoder.bytes.count)
    dictionary.append(
      term, TermEntry(documentCount: postings.count, postings: .list(offset: offset, byteCount: byteCount)),
      listOffset: offset)
    try pages.write(encoder.bytes)
  }

  /// A term of one document only.
  mutating func append(_ term: [UInt8], _ lone: LonePosting) {
    dictionary.append(term, TermEntry(documentCount: 1, postings: .lone(lone)), listOffset: pages.count - partOffset)
  }

  /// - Parameters:
  ///   - columns: of as many documents as the part has.
  ///   - truncated: see `SegmentPartHead`.
  mutating func endPart(_ columns: ColumnBuilder, truncated: [UInt32] = []) throws(FileError) {
    precondition(columns.count == docIDs.count)
    guard let user else { preconditionFailure("no part was begun") }
    let listsByteCount = pages.count - partOffset
    dictionary.finish()
    try pages.write(dictionary.bytes)
    let columns = columns.encode()
    for column in columns { try pages.write(column) }
    let head = SegmentPartHead.encode(
      user: user.rawValue, docIDs: docIDs, truncated: truncated, columnByteCounts: columns.map(\.count),
      firstTerms: dictionary.firstTerms, blockByteCounts: dictionary.blockByteCounts)
    try pages.write(head)
    fences.append(
      SegmentFences.Part(
        user: user.rawValue, offset: partOffset, listsByteCount: listsByteCount,
        dictionaryByteCount: UInt64(dictionary.bytes.count),
        columnsByteCount: UInt64(columns.reduce(0) { $0 + $1.count }), headByteCount: UInt64(head.count),
        firstDocID: docIDs.min() ?? 0, lastDocID: docIDs.max() ?? 0, documentCount: UInt32(docIDs.count)))
    documentCount += UInt64(docIDs.count)
    self.user = nil
  }

  /// - Returns: the file's size. Its bytes are durable, its name not yet.
  mutating func finish() throws(FileError) -> UInt64 {
    precondition(user == nil)
    let documentCount = documentCount
    return try pages.finish(fences: fences.encode()) { fencesOffset, fileHash in
      IndexFileFormat.segment.encode(
        IndexFileFormat.Footer(fencesOffset: fencesOffset, recordCount: documentCount, fileHash: fileHash))
    }
  }

  /// Gives the file up. A file that cannot be removed now goes when the index is opened next: it is not listed.
  func discard() {
    pages.close()
    try? fileSystem.remove(path)
  }
}
