import Bytes

/// A block's bytes; everything of it is in it.
///
///     block  := varint rows (1 to 4,096), varint first docID, numbers (each docID less the one before, less one),
///               table (states),
///               and where not all rows are removed, of those that are not:
///               table (folders), dates, numbers (sizes), numbers (docID less thread, in 32 bits), labels
///     table  := varint values (1 or more), values × varint value, numbers (the place of each row's value in the list);
///               no numbers for one value
///     dates  := u8 unit (0: milliseconds, 1: seconds), numbers (low halves), numbers (high halves):
///               each date less the one before, the first less 0, zigzag-coded in 64 bits
///     labels := varint names, and where there are some: names × { varint bytes, UTF-8 },
///               varint sets (1 or more), sets × { varint labels (1 or more), labels × varint place of the name },
///               numbers (each row's set, counted from 1; 0 for no label)
///
/// `numbers` are those of `PackedNumbers`. docs/formats/attributes.md has a worked example.
extension AttributeBlock {
  func encode(into writer: inout ByteWriter) {
    precondition((1...Self.rowLimit).contains(count))
    writer.writeVarint(count)
    writer.writeVarint(UInt64(docIDs[0]))
    PackedNumbers.encode(zip(docIDs.dropFirst(), docIDs).map { $0 - $1 - 1 }, into: &writer)
    Self.encodeTable(states.map(UInt32.init), into: &writer)
    let live = docIDs.indices.filter { !isRemoved($0) }
    if live.isEmpty { return }
    Self.encodeTable(live.map { folderTable[Int(folders[$0])] }, into: &writer)
    Self.encodeDates(live.map { dates[$0] }, into: &writer)
    PackedNumbers.encode(live.map { sizes[$0] }, into: &writer)
    PackedNumbers.encode(live.map { docIDs[$0] &- threads[$0] }, into: &writer)
    encodeLabels(live, into: &writer)
  }

  private static func encodeTable(_ values: [UInt32], into writer: inout ByteWriter) {
    var table: [UInt32] = []
    var places: [UInt32: UInt32] = [:]
    let rows = values.map { value in
      if let place = places[value] { return place }
      let place = UInt32(table.count)
      places[value] = place
      table.append(value)
      return place
    }
    writer.writeVarint(table.count)
    for value in table { writer.writeVarint(UInt64(value)) }
    if table.count > 1 { PackedNumbers.encode(rows, into: &writer) }
  }

  private static func encodeDates(_ dates: [Int64], into writer: inout ByteWriter) {
    let isWhole = dates.allSatisfy { $0 % 1_000 == 0 }
    writer.write(UInt8(isWhole ? 1 : 0))
    var before: Int64 = 0
    let steps = dates.map { date in
      let value = isWhole ? date / 1_000 : date
      let step = value &- before
      before = value
      return UInt64(bitPattern: (step << 1) ^ (step >> 63))
    }
    PackedNumbers.encode(steps.map { UInt32(truncatingIfNeeded: $0) }, into: &writer)
    PackedNumbers.encode(steps.map { UInt32(truncatingIfNeeded: $0 >> 32) }, into: &writer)
  }

  private func encodeLabels(_ live: [Int], into writer: inout ByteWriter) {
    var used: [UInt32] = []
    var places = [UInt32](repeating: 0, count: labelTable.count)
    let rows = live.map { row in
      let set = labelSets[row]
      if set == 0 { return UInt32(0) }
      if places[Int(set)] == 0 {
        used.append(set)
        places[Int(set)] = UInt32(used.count)
      }
      return places[Int(set)]
    }
    let names = Set(used.flatMap { labelTable[Int($0)] }).sorted()
    writer.writeVarint(names.count)
    if names.isEmpty { return }
    for name in names { writer.writeLengthPrefixed(name) }
    let numbers = Dictionary(uniqueKeysWithValues: zip(names, 0...))
    writer.writeVarint(used.count)
    for set in used {
      let labels = labelTable[Int(set)]
      writer.writeVarint(labels.count)
      for label in labels { writer.writeVarint(numbers[label] ?? 0) }
    }
    PackedNumbers.encode(rows, into: &writer)
  }
}

// MARK: - Decoding

extension AttributeBlock {
  /// - Parameter last: the docID that the block before ends with; this one's are above it.
  init(decoding bytes: ArraySlice<UInt8>, after last: UInt32?) throws(DecodingError) {
    self.init()
    var reader = ByteReader(bytes)
    let count = Int(try Self.readNumber(&reader, in: 1...UInt64(Self.rowLimit), "rows"))
    try decodeDocIDs(from: &reader, count, after: last)
    let (stateTable, stateRows) = try Self.decodeTable(from: &reader, count, limit: UInt64(Self.removed))
    states = stateRows.map { UInt8(truncatingIfNeeded: stateTable[Int($0)]) }
    let live = states.count { $0 != Self.removed }
    if live > 0 { try decodeValues(from: &reader, live) }
    if live < count { spread() }
    guard reader.isAtEnd else {
      throw DecodingError(offset: reader.offset, message: "\(reader.remaining) bytes after the rows")
    }
  }

  private static func readNumber(
    _ reader: inout ByteReader, in range: ClosedRange<UInt64>, _ what: String
  ) throws(DecodingError) -> UInt64 {
    let number = try reader.readVarint()
    guard range.contains(number) else {
      throw DecodingError(offset: reader.offset, message: "\(number) \(what), expected \(range)")
    }
    return number
  }

  private mutating func decodeDocIDs(
    from reader: inout ByteReader, _ count: Int, after last: UInt32?
  ) throws(DecodingError) {
    let least = last.map { UInt64($0) + 1 } ?? 0
    guard least <= UInt64(UInt32.max) else {
      throw DecodingError(offset: reader.offset, message: "documents after the last there can be")
    }
    let first = try Self.readNumber(&reader, in: least...UInt64(UInt32.max), "as first document")
    try PackedNumbers.decode(from: &reader, count: count - 1, into: &docIDs)
    docIDs.removeLast(docIDs.count - (count - 1))
    docIDs.insert(UInt32(first), at: 0)
    var docID = first
    for row in 1..<max(1, count) {
      docID += UInt64(docIDs[row]) + 1
      docIDs[row] = UInt32(truncatingIfNeeded: docID)
    }
    // The sum of 4,096 numbers of 32 bits does not overflow, so the last one tells of all.
    guard docID <= UInt64(UInt32.max) else {
      throw DecodingError(offset: reader.offset, message: "docID out of range")
    }
  }

  private static func decodeNumbers(from reader: inout ByteReader, _ count: Int) throws(DecodingError) -> [UInt32] {
    var numbers: [UInt32] = []
    try PackedNumbers.decode(from: &reader, count: count, into: &numbers)
    return numbers
  }

  private static func decodeTable(
    from reader: inout ByteReader, _ count: Int, limit: UInt64
  ) throws(DecodingError) -> (table: [UInt32], rows: [UInt32]) {
    let size = try readNumber(&reader, in: 1...UInt64(count), "values of \(count) rows")
    var table: [UInt32] = []
    for _ in 0..<size { table.append(UInt32(try readNumber(&reader, in: 0...limit, "as a row's value"))) }
    if size == 1 { return (table, [UInt32](repeating: 0, count: count)) }
    let rows = try decodeNumbers(from: &reader, count)
    guard rows.allSatisfy({ $0 < size }) else {
      throw DecodingError(offset: reader.offset, message: "a value beyond the \(size) there are")
    }
    return (table, rows)
  }

  /// Those of the rows that are not removed, one after another.
  private mutating func decodeValues(from reader: inout ByteReader, _ live: Int) throws(DecodingError) {
    (folderTable, folders) = try Self.decodeTable(from: &reader, live, limit: UInt64(UInt32.max))
    try decodeDates(from: &reader, live)
    sizes = try Self.decodeNumbers(from: &reader, live)
    threads = try Self.decodeNumbers(from: &reader, live)
    var place = 0
    for row in docIDs.indices where states[row] != Self.removed {
      threads[place] = docIDs[row] &- threads[place]
      place += 1
    }
    try decodeLabels(from: &reader, live)
  }

  private mutating func decodeDates(from reader: inout ByteReader, _ live: Int) throws(DecodingError) {
    let unit: Int64 = try Self.readNumber(&reader, in: 0...1, "as unit of dates") == 1 ? 1_000 : 1
    let low = try Self.decodeNumbers(from: &reader, live)
    let high = try Self.decodeNumbers(from: &reader, live)
    dates = [Int64](repeating: 0, count: live)
    var date: Int64 = 0
    for row in 0..<live {
      let step = UInt64(high[row]) << 32 | UInt64(low[row])
      date &+= Int64(bitPattern: (step >> 1) ^ (0 &- (step & 1)))
      dates[row] = date &* unit
    }
  }

  private mutating func decodeLabels(from reader: inout ByteReader, _ live: Int) throws(DecodingError) {
    let nameCount = try reader.readCount()
    if nameCount == 0 {
      labelSets = [UInt32](repeating: 0, count: live)
      return
    }
    var names: [String] = []
    for _ in 0..<nameCount { names.append(try reader.readString()) }
    for _ in 0..<(try Self.readNumber(&reader, in: 1...UInt64(live), "sets of labels")) {
      var labels: [String] = []
      let size = try reader.readCount()
      guard size > 0 else { throw DecodingError(offset: reader.offset, message: "a set of no labels") }
      for _ in 0..<size {
        labels.append(names[Int(try Self.readNumber(&reader, in: 0...UInt64(nameCount - 1), "as a label"))])
      }
      labelTable.append(labels)
    }
    labelSets = try Self.decodeNumbers(from: &reader, live)
    guard labelSets.allSatisfy({ $0 < labelTable.count }) else {
      throw DecodingError(offset: reader.offset, message: "labels beyond the sets there are")
    }
  }

  /// Moves the values to the rows that they belong to.
  private mutating func spread() {
    var place = dates.count
    let missing = count - place
    dates += [Int64](repeating: 0, count: missing)
    for column in [\AttributeBlock.sizes, \.threads, \.folders, \.labelSets] {
      self[keyPath: column] += [UInt32](repeating: 0, count: missing)
    }
    for row in docIDs.indices.reversed() {
      let isLive = states[row] != Self.removed
      if isLive { place -= 1 }
      dates[row] = isLive ? dates[place] : 0
      sizes[row] = isLive ? sizes[place] : 0
      threads[row] = isLive ? threads[place] : 0
      folders[row] = isLive ? folders[place] : 0
      labelSets[row] = isLive ? labelSets[place] : 0
    }
  }
}
