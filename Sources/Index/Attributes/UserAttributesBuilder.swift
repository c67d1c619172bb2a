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
    // Where all numbers there are live, and lie in one folder, they are set as a range.
    let range = block.liveRange(rows)
    let folder = range != nil && folderPlaces.count == 1 ? folderPlaces[0] : nil
    if let range {
      live.append(range)
      if let folder { folders.append(range, at: folder) }
    }
    for row in rows where !block.isRemoved(row) {
      let docID = block.docIDs[row]
      if range == nil { live.append(docID) }
      if folder == nil { folders.append(docID, at: folderPlaces[Int(block.folders[row])]) }
      // Most mail is read and nothing else.
      if block.states[row] != IndexFlags.isRead.rawValue { append(docID, IndexFlags(rawValue: block.states[row])) }
      let set = Int(block.labelSets[row])
      if set == 0 { continue }
      labelled.append(docID)
      for place in labelPlaces[set] { labels.append(docID, at: place) }
    }
  }

  private mutating func append(_ docID: UInt32, _ flags: IndexFlags) {
    if !flags.contains(.isRead) { unread.append(docID) }
    if flags.contains(.isStarred) { starred.append(docID) }
    if flags.contains(.isReplied) { replied.append(docID) }
    if flags.contains(.hasAttachment) { hasAttachment.append(docID) }
  }

  package mutating func finish() -> UserAttributes {
    appendPending()
    let live = live.finish()
    return UserAttributes(
      live: live, unread: unread.finish(), starred: starred.finish(), replied: replied.finish(),
      hasAttachment: hasAttachment.finish(), labelled: labelled.finish(),
      folders: Dictionary(uniqueKeysWithValues: folders.finish().map { (FolderID(rawValue: $0), $1) }),
      labels: Dictionary(uniqueKeysWithValues: labels.finish()), dates: dates, folderColumn: folderColumn,
      threads: threads, sizes: sizes, order: DateOrder(live.rawValues, dates: dates))
  }
}

extension AttributeBlock {
  /// The documents of the rows, where no number between the first and the last is missing and none is removed.
  fileprivate func liveRange(_ rows: Range<Int>) -> ClosedRange<UInt32>? {
    guard let first = rows.first, let last = rows.last, Int(docIDs[last] - docIDs[first]) == last - first,
      !rows.contains(where: isRemoved)
    else { return nil }
    return docIDs[first]...docIDs[last]
  }
}

/// A set that gets its members in ascending order.
private struct AscendingBitmap {
  private var bitmap = DocIDBitmap()
  /// Of the open container, whose members are in `values`, or once a range has come in `words`.
  private var key: UInt16 = 0
  private var values: [UInt16] = []
  private var words: [UInt64] = []

  mutating func append(_ docID: UInt32) {
    openContainer(UInt16(truncatingIfNeeded: docID >> 16))
    let value = UInt16(truncatingIfNeeded: docID)
    if !words.isEmpty {
      words[Int(value >> 6)] |= 1 << UInt64(value & 63)
    } else if values.last != value {
      // A row may name a label twice.
      values.append(value)
    }
  }

  mutating func append(_ range: ClosedRange<UInt32>) {
    for key in UInt16(range.lowerBound >> 16)...UInt16(range.upperBound >> 16) {
      openContainer(key)
      if words.isEmpty {
        words = BitmapContainer(sorted: values).denseWords
        values.removeAll()
      }
      let low = max(range.lowerBound, UInt32(key) << 16) & 0xFFFF
      let high = min(range.upperBound, UInt32(key) << 16 | 0xFFFF) & 0xFFFF
      for word in Int(low >> 6)...Int(high >> 6) {
        let start = max(Int(low), word * 64) & 63
        let end = min(Int(high), word * 64 + 63) & 63
        words[word] |= (.max >> UInt64(63 - end + start)) << UInt64(start)
      }
    }
  }

  private mutating func openContainer(_ key: UInt16) {
    if key == self.key { return }
    closeContainer()
    self.key = key
  }

  private mutating func closeContainer() {
    bitmap.append(key, words.isEmpty ? BitmapContainer(sorted: values) : BitmapContainer(words: words))
    values.removeAll(keepingCapacity: true)
    words = []
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
  mutating func append(_ range: ClosedRange<UInt32>, at place: Int) { bitmaps[place].append(range) }

  /// Those that have members.
  mutating func finish() -> [(Name, DocIDBitmap)] {
    bitmaps.indices.compactMap { place in
      let bitmap = bitmaps[place].finish()
      return bitmap.isEmpty ? nil : (names[place], bitmap)
    }
  }
}
