import Bytes
import Foundation
import MailStore

/// Where a list was left, as the opaque text of `cursor=`.
///
///     1 version | 8 major, big-endian | 4 minor, big-endian | 4 CRC32C of those and of the list's name
///
/// The name (which list, with which filter) is not in the text but in the checksum: a cursor of another list, or one that
/// was tampered with, is refused instead of answering a strange page. It is no secret and gives no access.
struct ListCursor: Equatable {
  let major: Int64
  let minor: UInt32

  func text(list: String) -> String {
    let payload = Self.payload(major, minor)
    let checksum = Self.checksum(payload, list)
    return Data(payload + Self.bigEndian(checksum)).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  /// - Throws: a `Problem` 400 for text that is no cursor of this list.
  init(_ text: String, list: String) throws {
    let problem = Problem.invalid("cursor", "is not one that this list gave; start again without it")
    let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    guard text.utf8.count <= 64, let data = Data(base64Encoded: base64 + padding), data.count == 17 else {
      throw problem
    }
    let bytes = Array(data)
    let major = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let minor = bytes[9..<13].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    self.init(major: Int64(bitPattern: major), minor: minor)
    guard bytes == Self.payload(self.major, minor) + Self.bigEndian(Self.checksum(Array(bytes[..<13]), list)) else {
      throw problem
    }
  }

  init(major: Int64, minor: UInt32) {
    self.major = major
    self.minor = minor
  }

  private static func payload(_ major: Int64, _ minor: UInt32) -> [UInt8] {
    [1] + bigEndian(UInt64(bitPattern: major)) + bigEndian(minor)
  }

  private static func checksum(_ payload: [UInt8], _ list: String) -> UInt32 {
    CRC32C.checksum(payload + Array(list.utf8))
  }

  private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

extension ListCursor {
  init(after message: PresentedMessage) {
    self.init(major: message.row.receivedAt.rawValue, minor: message.row.docID.rawValue)
  }
}

extension MessagePosition {
  init(_ cursor: ListCursor) {
    self.init(receivedAt: Timestamp(rawValue: cursor.major), docID: DocID(rawValue: cursor.minor))
  }
}
