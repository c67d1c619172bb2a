package import Bytes
import Crypto

/// What a message is known by to later ones: 64-bit hashes, so that a key is short whatever a mail claims.
package struct ThreadKeys: Hashable, Sendable {
  /// Of its own Message-ID and of all that it refers to; without duplicates, in order.
  package let messageIDs: [UInt64]
  /// Of its base subject; nil where that is empty.
  package let subject: UInt64?

  package init(messageIDs: [UInt64], subject: UInt64?) {
    self.messageIDs = messageIDs
    self.subject = subject
  }

  package static let none = ThreadKeys(messageIDs: [], subject: nil)

  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(messageIDs.count)
    for key in messageIDs { writer.write(key) }
    writer.write(UInt8(subject == nil ? 0 : 1))
    if let subject { writer.write(subject) }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    var messageIDs: [UInt64] = []
    for _ in 0..<(try reader.readCount()) { messageIDs.append(try reader.readUInt64()) }
    switch try reader.readUInt8() {
    case 0: self.init(messageIDs: messageIDs, subject: nil)
    case 1: self.init(messageIDs: messageIDs, subject: try reader.readUInt64())
    case let other: throw DecodingError(offset: reader.offset - 1, message: "expected 0 or 1, found \(other)")
    }
  }
}

/// The two kinds of key that lead to a thread, each hashed with its own first byte so that no text of one kind
/// passes for another.
enum ThreadKey {
  /// - Returns: nil for an id that is empty without its brackets.
  static func messageID(_ text: String) -> UInt64? {
    let id = text.utf8.trimmed { $0 <= 0x20 || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }
    return id.isEmpty ? nil : hash(1, id)
  }

  static func subject(_ base: BaseSubject) -> UInt64? {
    base.text.isEmpty ? nil : hash(2, base.text.utf8)
  }

  private static func hash(_ kind: UInt8, _ bytes: some Sequence<UInt8>) -> UInt64 {
    SHA256.hash(data: [kind] + bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension Collection<UInt8> where Self: BidirectionalCollection {
  fileprivate func trimmed(_ isIgnored: (UInt8) -> Bool) -> SubSequence {
    guard let first = firstIndex(where: { !isIgnored($0) }), let last = lastIndex(where: { !isIgnored($0) }) else {
      return self[endIndex...]
    }
    return self[first...last]
  }
}
