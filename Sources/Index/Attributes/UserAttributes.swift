package import Bytes

/// The attributes of all documents of one user: bitmaps for what is yes or no, columns for values, and the order by
/// date. About 25 bytes for each document.
///
/// A value type made of copy-on-write parts, so a snapshot is a plain copy and costs the writer one chunk of each part
/// that it changes afterwards, whatever the mailbox's size.
package struct UserAttributes: Sendable {
  package private(set) var live = DocIDBitmap()
  package private(set) var unread = DocIDBitmap()
  package private(set) var starred = DocIDBitmap()
  package private(set) var replied = DocIDBitmap()
  package private(set) var hasAttachment = DocIDBitmap()
  private var folders: [FolderID: DocIDBitmap] = [:]
  private var labels: [String: DocIDBitmap] = [:]
  /// Documents with some label: most have none, and then no label's bitmap is asked.
  private var labelled = DocIDBitmap()

  private var dates = ChunkedColumn<Int64>()
  private var folderColumn = ChunkedColumn<UInt32>()
  private var threads = ChunkedColumn<UInt32>()
  /// Saturating: no mail comes near 4 GiB.
  private var sizes = ChunkedColumn<UInt32>()
  private var order: DateOrder

  package init() { order = DateOrder(dates: dates) }

  package init(_ documents: some Sequence<(DocID, DocumentAttributes)>) {
    self.init()
    for (docID, attributes) in documents {
      guard live.insert(docID) else {
        change(docID, to: attributes)
        continue
      }
      write(docID, attributes)
    }
    order = DateOrder(live.rawValues, dates: dates)
  }

  /// Of parts that say the same, as `UserAttributesBuilder` makes them.
  init(
    live: DocIDBitmap, unread: DocIDBitmap, starred: DocIDBitmap, replied: DocIDBitmap, hasAttachment: DocIDBitmap,
    labelled: DocIDBitmap, folders: [FolderID: DocIDBitmap], labels: [String: DocIDBitmap], dates: ChunkedColumn<Int64>,
    folderColumn: ChunkedColumn<UInt32>, threads: ChunkedColumn<UInt32>, sizes: ChunkedColumn<UInt32>, order: DateOrder
  ) {
    self.live = live
    self.unread = unread
    self.starred = starred
    self.replied = replied
    self.hasAttachment = hasAttachment
    self.labelled = labelled
    self.folders = folders
    self.labels = labels
    self.dates = dates
    self.folderColumn = folderColumn
    self.threads = threads
    self.sizes = sizes
    self.order = order
  }

  package var count: Int { order.count }

  package func folder(_ folder: FolderID) -> DocIDBitmap { folders[folder] ?? DocIDBitmap() }
  package func label(_ label: String) -> DocIDBitmap { labels[label] ?? DocIDBitmap() }
  package var labelNames: [String] { labels.keys.sorted() }

  package func receivedAt(_ docID: DocID) -> Timestamp { Timestamp(rawValue: dates[docID.rawValue]) }
  package func size(_ docID: DocID) -> UInt64 { UInt64(sizes[docID.rawValue]) }
  package func thread(_ docID: DocID) -> UInt32 { threads[docID.rawValue] }
  package func key(_ docID: DocID) -> DocumentKey { receivedDates.key(docID) }
  package var receivedDates: ReceivedDates { ReceivedDates(column: dates) }

  package func attributes(of docID: DocID) -> DocumentAttributes? {
    guard live.contains(docID) else { return nil }
    var flags: IndexFlags = []
    if !unread.contains(docID) { flags.insert(.isRead) }
    if starred.contains(docID) { flags.insert(.isStarred) }
    if replied.contains(docID) { flags.insert(.isReplied) }
    if hasAttachment.contains(docID) { flags.insert(.hasAttachment) }
    return DocumentAttributes(
      receivedAt: receivedAt(docID), folder: FolderID(rawValue: folderColumn[docID.rawValue]), flags: flags,
      labels: labelled.contains(docID) ? labelNames(of: docID) : [], size: size(docID), thread: thread(docID))
  }

  /// All documents with what is known of them, ascending by docID.
  func forEach<Failure: Error>(
    _ body: (DocID, DocumentAttributes) throws(Failure) -> Void
  ) throws(Failure) {
    var (unread, marked) = (DocIDProbe(self.unread), [starred, replied, hasAttachment].map { DocIDProbe($0) })
    var labelled = DocIDProbe(self.labelled)
    for docID in live.docIDs {
      var flags: IndexFlags = unread.contains(docID) ? [] : [.isRead]
      if marked[0].contains(docID) { flags.insert(.isStarred) }
      if marked[1].contains(docID) { flags.insert(.isReplied) }
      if marked[2].contains(docID) { flags.insert(.hasAttachment) }
      try body(
        docID,
        DocumentAttributes(
          receivedAt: receivedAt(docID), folder: FolderID(rawValue: folderColumn[docID.rawValue]), flags: flags,
          labels: labelled.contains(docID) ? labelNames(of: docID) : [], size: size(docID), thread: thread(docID)))
    }
  }

  private func labelNames(of docID: DocID) -> [String] { labels.filter { $0.value.contains(docID) }.keys.sorted() }

  /// Documents of which the two do not say the same.
  package func documents(differingFrom other: UserAttributes) -> [DocID] {
    live.union(other.live).docIDs.filter { attributes(of: $0) != other.attributes(of: $0) }
  }

  /// Memory that the parts take, roughly.
  package var byteCount: Int {
    var sum = dates.byteCount + folderColumn.byteCount + threads.byteCount + sizes.byteCount + order.byteCount
    for bitmap in [live, unread, starred, replied, hasAttachment, labelled] { sum += bitmap.byteCount }
    for bitmap in folders.values { sum += bitmap.byteCount + 64 }
    for (name, bitmap) in labels { sum += bitmap.byteCount + name.utf8.count + 64 }
    return sum
  }
}

// MARK: - Changes

extension UserAttributes {
  /// Adds a document or changes one that is there, so that applying a change twice is applying it once.
  mutating func set(_ docID: DocID, _ attributes: DocumentAttributes) {
    if live.insert(docID) {
      write(docID, attributes)
      order.insert(docID.rawValue, dates: dates)
    } else {
      change(docID, to: attributes)
    }
  }

  mutating func remove(_ docID: DocID) {
    guard live.remove(docID) else { return }
    order.remove(docID.rawValue, dates: dates)
    unread.remove(docID)
    starred.remove(docID)
    replied.remove(docID)
    hasAttachment.remove(docID)
    leaveFolder(docID)
    setLabels(docID, [])
  }

  private mutating func change(_ docID: DocID, to attributes: DocumentAttributes) {
    if receivedAt(docID) != attributes.receivedAt {
      order.remove(docID.rawValue, dates: dates)
      dates[docID.rawValue] = attributes.receivedAt.rawValue
      order.insert(docID.rawValue, dates: dates)
    }
    if folderColumn[docID.rawValue] != attributes.folder.rawValue { leaveFolder(docID) }
    write(docID, attributes)
  }

  /// Writes everything but the order. Values that are there already are left alone, so nothing shared is copied.
  private mutating func write(_ docID: DocID, _ attributes: DocumentAttributes) {
    let raw = docID.rawValue
    if dates[raw] != attributes.receivedAt.rawValue { dates[raw] = attributes.receivedAt.rawValue }
    let size = UInt32(clamping: attributes.size)
    if sizes[raw] != size { sizes[raw] = size }
    if threads[raw] != attributes.thread { threads[raw] = attributes.thread }
    if folderColumn[raw] != attributes.folder.rawValue { folderColumn[raw] = attributes.folder.rawValue }
    folders[attributes.folder, default: DocIDBitmap()].insert(docID)
    Self.update(&unread, docID, !attributes.flags.contains(.isRead))
    Self.update(&starred, docID, attributes.flags.contains(.isStarred))
    Self.update(&replied, docID, attributes.flags.contains(.isReplied))
    Self.update(&hasAttachment, docID, attributes.flags.contains(.hasAttachment))
    setLabels(docID, attributes.labels)
  }

  private static func update(_ bitmap: inout DocIDBitmap, _ docID: DocID, _ isMember: Bool) {
    if bitmap.contains(docID) != isMember { bitmap.set(docID, isMember) }
  }

  private mutating func leaveFolder(_ docID: DocID) {
    let folder = FolderID(rawValue: folderColumn[docID.rawValue])
    folders[folder]?.remove(docID)
    if folders[folder]?.isEmpty == true { folders[folder] = nil }
  }

  private mutating func setLabels(_ docID: DocID, _ names: [String]) {
    if labelled.contains(docID) {
      for name in labels.filter({ $0.value.contains(docID) && !names.contains($0.key) }).keys {
        labels[name]?.remove(docID)
        if labels[name]?.isEmpty == true { labels[name] = nil }
      }
    }
    for name in names { labels[name, default: DocIDBitmap()].insert(docID) }
    Self.update(&labelled, docID, !names.isEmpty)
  }
}

// MARK: - Walking by date

extension UserAttributes {
  package var startPosition: DatePosition { DatePosition(chunk: 0, index: 0) }
  package var endPosition: DatePosition { order.end }

  /// Where the first document at or after `key` stands in the order by date, oldest first.
  /// - Complexity: O(log n).
  package func position(of key: DocumentKey) -> DatePosition { order.position(of: key, dates: dates) }

  /// The document before `position`, which moves there; `nil` at the start.
  package func previous(_ position: inout DatePosition) -> DocID? {
    if position.index == 0 {
      guard position.chunk > 0 else { return nil }
      position = DatePosition(chunk: position.chunk - 1, index: order.chunks[position.chunk - 1].count)
    }
    position = DatePosition(chunk: position.chunk, index: position.index - 1)
    return DocID(rawValue: order.chunks[position.chunk][position.index])
  }

  /// The document at `position`, which moves past it; `nil` at the end.
  package func next(_ position: inout DatePosition) -> DocID? {
    guard position.chunk < order.chunks.count else { return nil }
    let chunk = order.chunks[position.chunk]
    defer {
      position =
        position.index + 1 < chunk.count
        ? DatePosition(chunk: position.chunk, index: position.index + 1)
        : DatePosition(chunk: position.chunk + 1, index: 0)
    }
    return DocID(rawValue: chunk[position.index])
  }

  /// The place so many documents later, the end where there are fewer.
  package func position(_ position: DatePosition, offsetBy count: Int) -> DatePosition {
    var (chunk, index) = (position.chunk, position.index + count)
    while chunk < order.chunks.count, index >= order.chunks[chunk].count {
      index -= order.chunks[chunk].count
      chunk += 1
    }
    return chunk < order.chunks.count ? DatePosition(chunk: chunk, index: index) : order.end
  }

  /// Documents between two positions.
  package func count(in range: Range<DatePosition>) -> Int {
    let (low, high) = (range.lowerBound, range.upperBound)
    if low.chunk == high.chunk { return high.index - low.index }
    let between = order.chunks[(low.chunk + 1)..<high.chunk].reduce(0) { $0 + $1.count }
    return order.chunks[low.chunk].count - low.index + between + high.index
  }
}
