import Bytes
import CGMime

/// Dates of Date and Received fields (RFC 5322 §3.3, with the forms of old and of broken programs).
enum MailDate {
  /// Longer ones are no dates.
  private static let byteLimit = 256

  static func parse(_ field: ArraySlice<UInt8>) -> Timestamp? {
    let line = withoutComments(field)
    guard !line.isEmpty, line.count <= byteLimit, line.contains(where: { $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    guard GMimeLibrary.isReady, let date = unsafe g_mime_utils_header_decode_date(String(decoding: line, as: UTF8.self))
    else { return nil }
    defer { unsafe g_date_time_unref(date) }
    let seconds = unsafe g_date_time_to_unix(date)
    // What GMime cannot read, it says to be the epoch; nobody's mail was sent in that second.
    guard seconds != 0, unsafe g_date_time_get_year(date) < 9_999 else { return nil }
    return Timestamp(rawValue: Int64(seconds) * 1_000)
  }

  /// The date of a Received field follows its last semicolon (RFC 5321 §4.4).
  static func parseReceived(_ field: ArraySlice<UInt8>) -> Timestamp? {
    guard let semicolon = field.lastIndex(of: 0x3B) else { return nil }
    return parse(field[(semicolon + 1)...])
  }

  private static func withoutComments(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var cursor = FieldCursor(field.trimmed)
    var line: [UInt8] = []
    while let byte = cursor.peek, line.count <= byteLimit {
      if cursor.skipBlanksAndComments() {
        line.append(0x20)
      } else {
        cursor.advance()
        if byte == 0x2E, line.suffix(3).first == 0x3A {
          _ = cursor.take { $0 >= 0x30 && $0 <= 0x39 }  // a fraction of a second
        } else if byte >= 0x20 && byte < 0x7F {
          line.append(byte)
        }
      }
    }
    return line
  }
}
