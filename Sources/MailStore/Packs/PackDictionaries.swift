import Bytes
import Dictionaries

/// The dictionaries that small mails are compressed with as they are stored: what all mails have in common, and one alone is too
/// short to show. A frame names its own, and every dictionary that ever shipped stays.
enum PackDictionaries {
  /// Level 2: as fast as level 1 without the dictionary, and 9 to 13 % smaller (figures: Sources/Dictionaries/README.md).
  private static let level: Int32 = 2
  /// From this size on a mail has enough of its own to learn from.
  static let maxPlainByteCount = 16 << 10

  /// Oldest first, prepared when the first frame is made or read.
  static let all: [ZstdDictionary] = OriginalDictionaryFiles.originals.map { bytes in
    do throws(DecodingError) {
      return try ZstdDictionary(bytes, level: level)
    } catch {
      preconditionFailure("a dictionary that ships with the binary: \(error)")
    }
  }

  /// What a new frame is compressed with; nil for none.
  static func dictionary(for record: PackRecord) -> ZstdDictionary? {
    guard record.kind == .original || record.kind == .received, record.bytes.count < maxPlainByteCount else {
      return nil
    }
    return all.last
  }
}
