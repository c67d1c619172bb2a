import Bytes

/// Writes one attribute file. Users come ascending, a user's rows ascending by docID; `finish` makes the file's bytes durable,
/// after which the caller syncs the directory and lists the file in the manifest. Takes the memory of one block.
///
///     part := varint user, varint user sequence, { varint bytes, block }*
struct AttributeFileWriter {
  let number: UInt64
  let path: String
  private let fileSystem: any FileSystem
  private var pages: PagedWriter
  private var fences = AttributeFences()
  private var block = AttributeBlock()
  private var part: (user: UserID, isBase: Bool)?
  private(set) var rowCount: UInt64 = 0

  /// - Parameter onWrite: told of all that goes to the file.
  init(
    fileSystem: any FileSystem, directory: String, number: UInt64,
    onWrite: @escaping (_ byteCount: Int) -> Void = { _ in }
  ) throws(FileError) {
    self.number = number
    self.fileSystem = fileSystem
    path = directory + "/" + IndexFileFormat.attributes.fileName(number)
    pages = PagedWriter(
      file: try fileSystem.open(path, .create),
      // Attributes are no text: the analyzers have no say in them.
      header: IndexFileFormat.attributes.header(number: number, analyzerHash: 0), onWrite: onWrite)
  }

  var partCount: Int { fences.count }

  /// - Parameter sequence: of the user's last change that is in the part, or in what it adds to.
  mutating func beginPart(of user: UserID, sequence: SequenceNumber, isBase: Bool) throws(FileError) {
    precondition(part == nil)
    if let last = fences.lastUser { precondition(last < user, "users of an attribute file are ascending") }
    part = (user, isBase)
    var writer = ByteWriter()
    writer.writeVarint(UInt64(user.rawValue))
    writer.writeVarint(sequence.rawValue)
    try pages.write(writer.bytes)
  }

  /// - Parameter attributes: `nil` for a document that is removed; a base has none of those.
  mutating func append(_ docID: UInt32, _ attributes: DocumentAttributes?) throws(FileError) {
    block.append(docID, attributes)
    if block.isFull { try writeBlock() }
  }

  /// Takes a row over.
  mutating func append(_ row: Int, of other: AttributeBlock) throws(FileError) {
    block.append(row, of: other)
    if block.isFull { try writeBlock() }
  }

  mutating func endPart() throws(FileError) {
    guard let part else { preconditionFailure("no part was begun") }
    if !block.isEmpty { try writeBlock() }
    fences.append(part.user, end: pages.count, isBase: part.isBase)
    self.part = nil
  }

  private mutating func writeBlock() throws(FileError) {
    var writer = ByteWriter(reserving: block.count * 8 + 64)
    block.encode(into: &writer)
    var length = ByteWriter()
    length.writeVarint(writer.count)
    try pages.write(length.bytes)
    try pages.write(writer.bytes)
    rowCount += UInt64(block.count)
    block.removeAll()
  }

  /// - Returns: the file's size. Its bytes are durable, its name not yet.
  mutating func finish() throws(FileError) -> UInt64 {
    precondition(part == nil)
    let rowCount = rowCount
    return try pages.finish(fences: fences.encode()) { fencesOffset, fileHash in
      IndexFileFormat.attributes.encode(
        IndexFileFormat.Footer(fencesOffset: fencesOffset, recordCount: rowCount, fileHash: fileHash))
    }
  }

  /// Gives the file up. A file that cannot be removed now goes when the index is opened next: it is not listed.
  func discard() {
    pages.close()
    try? fileSystem.remove(path)
  }
}
