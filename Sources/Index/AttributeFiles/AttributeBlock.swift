import Bytes

/// Up to 4,096 rows of one user, ascending by docID, column by column: how attributes are written, read and merged, so that
/// none of it takes more memory than a block however large the mailbox is.
///
/// Folders and sets of labels are kept once each; a row has the place in the list. A row that says that its document is
/// removed has no other values.
struct AttributeBlock: Sendable {
  static let rowLimit = 4_096
  /// Beside the bits of `IndexFlags`.
  static let removed: UInt8 = 0x80

  var docIDs: [UInt32] = []
  /// The flags, or `removed`.
  var states: [UInt8] = []
  /// Milliseconds, as `Timestamp` has them.
  var dates: [Int64] = []
  var sizes: [UInt32] = []
  var threads: [UInt32] = []
  /// Places in `folderTable`.
  var folders: [UInt32] = []
  /// Places in `labelTable`.
  var labelSets: [UInt32] = []
  /// Folders by number.
  var folderTable: [UInt32] = []
  /// Sets of labels, the empty one first.
  var labelTable: [[String]] = [[]]

  private var folderPlaces: [UInt32: UInt32] = [:]
  private var labelPlaces: [[String]: UInt32] = [[]: 0]

  var count: Int { docIDs.count }
  var isEmpty: Bool { docIDs.isEmpty }
  var isFull: Bool { docIDs.count >= Self.rowLimit }

  func isRemoved(_ row: Int) -> Bool { states[row] & Self.removed != 0 }

  /// What the row says: `nil` where the document is removed.
  func attributes(_ row: Int) -> DocumentAttributes? {
    if isRemoved(row) { return nil }
    return DocumentAttributes(
      receivedAt: Timestamp(rawValue: dates[row]), folder: FolderID(rawValue: folderTable[Int(folders[row])]),
      flags: IndexFlags(rawValue: states[row]), labels: labelTable[Int(labelSets[row])], size: UInt64(sizes[row]),
      thread: threads[row])
  }

  /// The first row whose docID is not below the given one, from `start` on.
  func firstRow(notBelow docID: UInt32, from start: Int) -> Int {
    var low = start
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if docIDs[middle] < docID { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Filling

  mutating func removeAll() { self = AttributeBlock() }

  /// - Parameter attributes: `nil` for a document that is removed.
  mutating func append(_ docID: UInt32, _ attributes: DocumentAttributes?) {
    guard let attributes else { return appendRemoved(docID) }
    append(
      docID, state: attributes.flags.rawValue, date: attributes.receivedAt.rawValue,
      size: UInt32(clamping: attributes.size), thread: attributes.thread,
      folder: folderPlace(attributes.folder.rawValue), labels: labelPlace(attributes.labels))
  }

  /// Takes a row over.
  mutating func append(_ row: Int, of other: AttributeBlock) {
    if other.isRemoved(row) { return appendRemoved(other.docIDs[row]) }
    append(
      other.docIDs[row], state: other.states[row], date: other.dates[row], size: other.sizes[row],
      thread: other.threads[row], folder: folderPlace(other.folderTable[Int(other.folders[row])]),
      labels: other.labelSets[row] == 0 ? 0 : labelPlace(other.labelTable[Int(other.labelSets[row])]))
  }

  private mutating func appendRemoved(_ docID: UInt32) {
    append(docID, state: Self.removed, date: 0, size: 0, thread: 0, folder: 0, labels: 0)
  }

  private mutating func append(
    _ docID: UInt32, state: UInt8, date: Int64, size: UInt32, thread: UInt32, folder: UInt32, labels: UInt32
  ) {
    docIDs.append(docID)
    states.append(state)
    dates.append(date)
    sizes.append(size)
    threads.append(thread)
    folders.append(folder)
    labelSets.append(labels)
  }

  private mutating func folderPlace(_ folder: UInt32) -> UInt32 {
    if let last = folders.last, !folderTable.isEmpty, folderTable[Int(last)] == folder { return last }
    if let place = folderPlaces[folder] { return place }
    let place = UInt32(folderTable.count)
    folderTable.append(folder)
    folderPlaces[folder] = place
    return place
  }

  private mutating func labelPlace(_ labels: [String]) -> UInt32 {
    if labels.isEmpty { return 0 }
    if let place = labelPlaces[labels] { return place }
    let place = UInt32(labelTable.count)
    labelTable.append(labels)
    labelPlaces[labels] = place
    return place
  }
}
