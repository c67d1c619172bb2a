import Bytes
import Dictionaries

/// The dictionaries that text records are compressed with: what mails have in common, and one mail alone is too short to
/// show. A frame names its own, and every dictionary that ever shipped stays; a frame that names none was made before the first.
enum RecordDictionaries {
  /// Level 3: with the dictionary a mail takes 1.7 µs more than at level 1 without, and 13 % less space. Level 1 saves 9 %;
  /// level 4 takes longer and saves less (figures: Sources/Dictionaries/README.md).
  private static let level: Int32 = 3

  /// Oldest first, prepared when the first record is made or opened.
  static let all: [ZstdDictionary] = RecordDictionaryFiles.records.map { bytes in
    do throws(DecodingError) {
      return try ZstdDictionary(bytes, level: level)
    } catch {
      preconditionFailure("a dictionary that ships with the binary: \(error)")
    }
  }

  static let newest: ZstdDictionary = {
    guard let newest = all.last else { preconditionFailure("no dictionary ships with the binary") }
    return newest
  }()
}
