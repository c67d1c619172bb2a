/// What a file is, as far as it can be read for its text: told by its bytes, whatever its name and media type say.
package enum DocumentKind: Sendable {
  case pdf
  /// An archive of files: Office's, OpenDocument's and EPUB's are such.
  case zip
  /// Any other archive, or a compressed one.
  case archive
  case richText

  /// The first bytes that are enough to tell.
  package static let beginningByteCount = 1_024

  /// - Parameter bytes: of the whole file, or its first `beginningByteCount`.
  package init?(_ bytes: [UInt8]) {
    if Self.isPDF(bytes) {
      self = .pdf
    } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06]) {
      self = .zip
    } else if Self.archives.contains(where: { bytes.starts(with: $0) }) || Self.isTar(bytes) {
      self = .archive
    } else if bytes.starts(with: Array("{\\rtf".utf8)) {
      self = .richText
    } else {
      return nil
    }
  }

  /// 7z; RAR; gzip (RFC 1952); bzip2; xz; Zstandard (RFC 8878).
  private static let archives: [[UInt8]] = [
    [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], [0x52, 0x61, 0x72, 0x21, 0x1A, 0x07], [0x1F, 0x8B, 0x08],
    [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], [0x28, 0xB5, 0x2F, 0xFD],
  ]

  /// Readers take a header within the first kilobyte (ISO 32000-1, Annex H, 3.4.1).
  private static func isPDF(_ bytes: [UInt8]) -> Bool {
    let header = Array("%PDF-".utf8)
    let beginning = bytes.prefix(beginningByteCount)
    var index = 0
    while let found = beginning[index...].firstIndex(of: header[0]) {
      if beginning[found...].starts(with: header) { return true }
      index = found + 1
    }
    return false
  }

  /// `ustar` (POSIX.1-1988) and GNU's.
  private static func isTar(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 262 && bytes[257..<262].elementsEqual("ustar".utf8)
  }
}
