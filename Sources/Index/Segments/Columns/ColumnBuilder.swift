import Bytes

/// Gathers the columns of a part, by ordinal.
struct ColumnBuilder {
  private var senderNumbers: [ColumnSender: UInt32] = [:]
  private var senders: [ColumnSender] = []
  private var senderOfDocument: [UInt32]
  private var subjects: [SortPrefix]
  private var kinds: [FileKinds]
  private var lengths: [WordCount]

  /// - Parameter count: documents that are there already, to be set.
  init(count: Int = 0) {
    senderOfDocument = [UInt32](repeating: 0, count: count)
    subjects = [SortPrefix](repeating: SortPrefix([]), count: count)
    kinds = [FileKinds](repeating: [], count: count)
    lengths = [WordCount](repeating: WordCount(0), count: count)
    _ = number(of: ColumnSender(key: [], address: []))
  }

  var count: Int { senderOfDocument.count }

  /// Adds the next document.
  mutating func append(_ record: ExtractedTextRecord, wordCount: Int) {
    let sender = ColumnSender(key: record.senderSortKey, address: Array(record.senderAddress.utf8))
    senderOfDocument.append(number(of: sender))
    subjects.append(SortPrefix(record.subjectSortKey))
    kinds.append(record.kinds)
    lengths.append(WordCount(wordCount))
  }

  private mutating func number(of sender: ColumnSender) -> UInt32 {
    if let number = senderNumbers[sender] { return number }
    let number = UInt32(senders.count)
    senderNumbers[sender] = number
    senders.append(sender)
    return number
  }

  /// Sets the documents that stay of a part.
  /// - Parameter ordinals: the new ordinal of each of its documents; `UInt32.max` for one that goes.
  mutating func merge(_ part: SegmentPart, ordinals: [UInt32]) throws {
    let columns = try MergedColumns(part)
    var numbers = [UInt32?](repeating: nil, count: columns.senders.count)
    for (old, new) in ordinals.enumerated() where new != .max {
      let (sender, place) = (columns.senders.sender(at: old), Int(new))
      let known = numbers[sender] ?? number(of: columns.senders.columnSender(sender))
      numbers[sender] = known
      senderOfDocument[place] = known
      subjects[place] = columns.subjects.prefix(at: old)
      kinds[place] = columns.kinds.masks[columns.kinds.number(at: old)]
      lengths[place] = columns.lengths.length(at: old)
    }
  }

  /// The columns in the order of `PartColumn`.
  func encode() -> [[UInt8]] {
    // The empty sender is there only if some document has it.
    let used = Set(senderOfDocument).sorted()
    var places = [UInt32](repeating: 0, count: senders.count)
    for (place, number) in used.enumerated() { places[Int(number)] = UInt32(place) }
    return PartColumn.allCases.map { column in
      var writer = ByteWriter()
      switch column {
      case .senders:
        SenderColumn.encode(
          used.map { senders[Int($0)] }, documents: senderOfDocument.map { places[Int($0)] }, into: &writer)
      case .subjects: SubjectColumn.encode(subjects, into: &writer)
      case .kinds: KindColumn.encode(kinds, into: &writer)
      case .lengths: LengthColumn.encode(lengths, into: &writer)
      }
      return writer.bytes
    }
  }
}

/// The columns of a part that is merged: not kept in the cache, for its file goes.
private struct MergedColumns {
  let senders: SenderColumn
  let subjects: SubjectColumn
  let kinds: KindColumn
  let lengths: LengthColumn

  init(_ part: SegmentPart) throws {
    guard case .senders(let senders) = try part.decode(.senders),
      case .subjects(let subjects) = try part.decode(.subjects),
      case .kinds(let kinds) = try part.decode(.kinds), case .lengths(let lengths) = try part.decode(.lengths)
    else { preconditionFailure("another column") }
    self.senders = senders
    self.subjects = subjects
    self.kinds = kinds
    self.lengths = lengths
  }
}
