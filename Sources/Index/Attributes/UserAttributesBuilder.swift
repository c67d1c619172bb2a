package import Bytes

/// Makes a user's attributes of rows ascending by docID: a mailbox at a time, where `UserAttributes.set` takes a document at a
/// time. Linear where the order of dates is the order of docIDs, as it nearly is in every mailbox that receives its mail.
package struct UserAttributesBuilder {
  private var live = AscendingBitmap()
  private var unread = AscendingBitmap()
  private var starred = AscendingBitmap()
  private var replied = AscendingBitmap()
  private var hasAttachment = AscendingBitmap()
  private var labelled = AscendingBitmap()
  private var folders = NamedBitmaps<UInt32>()
  private var labels = NamedBitmaps<String>()
  private var dates = ChunkedColumn<Int64>()
  private var folderColumn = ChunkedColumn<UInt32>()
  private var threads = ChunkedColumn<UInt32>()
  private var sizes = ChunkedColumn<UInt32>()
  /// Fewer rows than these are gathered before the tables of a block are looked at, which takes as long as so many rows.
  private static let gatheredLimit = 64

  /// Rows that came in small numbers and fill no block yet.
  private var pending = AttributeBlock()

  package init() {}

  /// - Parameter docID: above all before.
  package mutating func append(_ docID: DocID, _ attributes: DocumentAttributes) {
    pending.append(docID.rawValue, attributes)
    if pending.isFull { appendPending() }
  }

  private mutating func appendPending() {
    let block = pending
    pending.removeAll()
    appendRows(0..<block.count, of: block)
  }

  /// Rows that say that a document is removed are left out.
  mutating func append(_ rows: Range<Int>, of block: AttributeBlock) {
    if rows.count < Self.gatheredLimit {
      for row in rows {
        pending.append(row, of: block)
        if pending.isFull { appendPending() }
      }
    } else {
      appendPending()
      appendRows(rows, of: block)
    }
  }

  private mutating func appendRows(_ rows: Range<Int>, of block: AttributeBlock) {
    dates.fill(block.docIDs, block.dates, rows)
    sizes.fill(block.docIDs, block.sizes, rows)
    threads.fill(block.docIDs, block.threads, rows)
    let folderNumbers = block.folders.map { block.folderTable.isEmpty ? 0 : block.folderTable[Int($0)] }
    folderColumn.fill(block.docIDs, folderNumbers, rows)
    let folderPlaces = block.folderTable.map { folders.place(of: $0) }
    let labelPlaces = block.labelTable.map { $0.map { labels.place(of: $0) } }
    for row in rows {
      let state = block.states[row]
      if state & AttributeBlock.removed != 0 { continue }
      let docID = block.docIDs[row]
      let flags = IndexFlags(rawValue: state)
      live.append(docID)
      if !flags.contains(.isRead) { unread.append(docID) }
      if flags.contains(.isStarred) { starred.append(docID) }
      if flags.contains(.isReplied) { replied.append(docID) }
      if flags.contains(.hasAttachment) { hasAttachment.append(docID) }
      folders.append(docID, at: folderPlaces[Int(block.folders[row])])
      let set = Int(block.labelSets[row])
      if set == 0 { continue }
      labelled.append(docID)
      for place in labelPlaces[set] { labels.append(docID, at: place) }
    }
  }

  package mutating func finish() -> UserAttributes {
    appendPending()
    let live = live.finish()
    return UserAttributes(
      live: live, unread: unread.finish(), starred: starred.finish(), replied: replied.finish(),
      hasAttachment: hasAttachment.finish(), labelled: labelled.finish(),
      folders: Dictionary(uniqueKeysWithValues: folders.finish().map { (FolderID(rawValue: $0), $1) }),
      labels: Dictionary(uniqueKeysWithValues: labels.finish()), dates: dates, folderColumn: folderColumn,
      threads: threads, sizes: sizes, order: DateOrder(live.docIDs.map(\.rawValue), dates: dates))
  }
}

/// A set that gets its members in ascending order.
private struct AscendingBitmap {
  private var bitmap = DocIDBitmap()
  private var key: UInt16 = 0
  private var values: [UInt16] = []

  mutating func append(_ docID: UInt32) {
    let key = UInt16(truncatingIfNeeded: docID >> 16)
    if key != self.key {
      closeContainer()
      self.key = key
    }
    let value = UInt16(truncatingIfNeeded: docID)
    // A row may name a label twice.
    if values.last != value { values.append(value) }
  }

  private mutating func closeContainer() {
    bitmap.append(key, BitmapContainer(sorted: values))
    values.removeAll(keepingCapacity: true)
  }

  mutating func finish() -> DocIDBitmap {
    closeContainer()
    return bitmap
  }
}

/// Sets by name; a name is looked up once for many members.
private struct NamedBitmaps<Name: Hashable> {
  private var names: [Name] = []
  private var bitmaps: [AscendingBitmap] = []
  private var places: [Name: Int] = [:]

  mutating func place(of name: Name) -> Int {
    if let place = places[name] { return place }
    places[name] = names.count
    names.append(name)
    bitmaps.append(AscendingBitmap())
    return names.count - 1
  }

  mutating func append(_ docID: UInt32, at place: Int) { bitmaps[place].append(docID) }

  /// Those that have members.
  mutating func finish() -> [(Name, DocIDBitmap)] {
    bitmaps.indices.compactMap { place in
      let bitmap = bitmaps[place].finish()
      return bitmap.isEmpty ? nil : (names[place], bitmap)
    }
  }
}
