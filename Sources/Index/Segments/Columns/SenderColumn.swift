import Bytes

/// Who sent each document of a part: the address to count by and the key to sort by. Many documents share a sender, so each
/// is there once, and the documents have its number.
///
///     senders := table of all addresses and keys, varint count, numbers (the keys' in the table), numbers (the addresses'),
///                numbers (of each document's sender)
///
/// Senders ascend by key, then by address. A sender without a display name has one string for both.
package struct SenderColumn: Sendable {
  private let strings: StringTable
  private let keys: PackedColumn
  private let addresses: PackedColumn
  private let documents: PackedColumn
  /// By sender.
  private let prefixes: [SortPrefix]

  var byteCount: Int {
    strings.byteCount + keys.byteCount + addresses.byteCount + documents.byteCount + prefixes.count * 8
  }

  init(from reader: inout ByteReader, documentCount: Int) throws(DecodingError) {
    strings = try StringTable(from: &reader, limit: 2 * documentCount)
    let count = try reader.readVarint()
    guard count <= UInt64(documentCount) else {
      throw DecodingError(offset: reader.offset, message: "\(count) senders of \(documentCount) documents")
    }
    keys = try PackedColumn(from: &reader, count: Int(count), below: strings.count)
    addresses = try PackedColumn(from: &reader, count: Int(count), below: strings.count)
    documents = try PackedColumn(from: &reader, count: documentCount, below: Int(count))
    var ofStrings: [SortPrefix] = []
    ofStrings.reserveCapacity(strings.count)
    try strings.forEach { string throws(DecodingError) in ofStrings.append(SortPrefix(string)) }
    var prefixes: [SortPrefix] = []
    prefixes.reserveCapacity(keys.count)
    for sender in 0..<keys.count { prefixes.append(ofStrings[Int(keys[sender])]) }
    self.prefixes = prefixes
  }

  /// Senders of the part.
  package var count: Int { keys.count }
  /// Strings that are an address or a key: numbers of addresses are below it, ascending as the addresses do.
  package var stringCount: Int { strings.count }

  package func sender(at ordinal: Int) -> Int { Int(documents[ordinal]) }

  /// By number; the same for senders whose keys are the same, and ascending as keys do.
  package func keyNumber(of sender: Int) -> UInt32 { keys[sender] }
  package func prefix(of sender: Int) -> SortPrefix { prefixes[sender] }
  func key(of sender: Int) -> [UInt8] { strings[Int(keys[sender])] }

  package func addressNumber(of sender: Int) -> Int { Int(addresses[sender]) }
  /// Which addresses and keys are wanted, by number: a walk over all of them, where each alone costs half a block.
  package func strings(where isWanted: (_ string: [UInt8]) -> Bool) -> [Bool] {
    var wanted: [Bool] = []
    wanted.reserveCapacity(strings.count)
    // All of them were read once, when the column was.
    try? strings.forEach { string throws(DecodingError) in wanted.append(isWanted(string)) }
    return wanted
  }

  /// Of an address or a key.
  package func string(number: Int) -> [UInt8] { strings[number] }

  /// - Returns: `nil` where no string of the part is this.
  package func number(of address: [UInt8]) -> Int? { strings.number(of: address) }
}

/// A sender as a column is made of it.
struct ColumnSender: Hashable {
  var key: [UInt8]
  var address: [UInt8]
}

extension SenderColumn {
  /// - Parameters:
  ///   - senders: all different, in any order.
  ///   - documents: for each ordinal the index of its sender.
  static func encode(_ senders: [ColumnSender], documents: [UInt32], into writer: inout ByteWriter) {
    var strings = Set<[UInt8]>()
    for sender in senders {
      strings.insert(sender.key)
      strings.insert(sender.address)
    }
    let sorted = strings.sorted { $0.precedes($1) }
    let numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, UInt32($0)) })
    let pairs = senders.map { (key: numbers[$0.key] ?? 0, address: numbers[$0.address] ?? 0) }
    let order = pairs.indices.sorted { (pairs[$0].key, pairs[$0].address) < (pairs[$1].key, pairs[$1].address) }
    var places = [UInt32](repeating: 0, count: order.count)
    for (place, index) in order.enumerated() { places[index] = UInt32(place) }
    StringTable.encode(sorted, into: &writer)
    writer.writeVarint(senders.count)
    PackedColumn.encode(order.map { pairs[$0].key }, into: &writer)
    PackedColumn.encode(order.map { pairs[$0].address }, into: &writer)
    PackedColumn.encode(documents.map { places[Int($0)] }, into: &writer)
  }

  /// The sender as it was encoded.
  func columnSender(_ sender: Int) -> ColumnSender {
    ColumnSender(key: key(of: sender), address: string(number: addressNumber(of: sender)))
  }
}
