import CArchive

/// Walks over the entries of an archive in memory, by libarchive. Nothing is written or unpacked to disk, whatever the names
/// say.
enum Archive {
  enum Ending {
    case whole
    /// Not an archive, or damaged from some place on.
    case damaged
    /// A limit was reached, or the caller wanted no more.
    case stopped
  }

  /// Entries that are looked at.
  static let maxEntries = 20_000
  /// Bytes that are unpacked of what lies before an entry.
  static let maxUnpackedByteCount = 1 << 30

  /// An entry while it is being looked at.
  @safe struct Entry {
    /// As it is written in the archive, or in UTF-8 where the archive says what it is written in.
    let name: [UInt8]
    fileprivate let archive: OpaquePointer

    /// What is in it, as far as it can be read: not whole when there are more than `limit` bytes, or the content is damaged or
    /// encrypted.
    func content(limit: Int) -> (bytes: [UInt8], isWhole: Bool) {
      var bytes: [UInt8] = []
      let isWhole = unsafe Archive.unpack(archive, limit: limit) { bytes += $0 }
      return (bytes, isWhole)
    }
  }

  /// - Parameter body: called with each entry, and true to go on.
  static func walk(_ bytes: [UInt8], _ kind: DocumentKind, _ body: (Entry) -> Bool) -> Ending {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let archive = unsafe archive_read_new() else { return .damaged }
      defer { unsafe archive_read_free(archive) }
      unsafe support(kind, archive)
      guard unsafe archive_read_open_memory(archive, buffer.baseAddress, buffer.count) == ARCHIVE_OK else {
        return .damaged
      }
      return unsafe walk(archive, body)
    }
  }

  /// Only formats and filters that libarchive reads itself: for others it would start programs.
  private static func support(_ kind: DocumentKind, _ archive: OpaquePointer) {
    if kind == .zip {
      unsafe archive_read_support_format_zip(archive)
      return
    }
    unsafe archive_read_support_filter_gzip(archive)
    unsafe archive_read_support_filter_bzip2(archive)
    unsafe archive_read_support_filter_xz(archive)
    unsafe archive_read_support_filter_zstd(archive)
    unsafe archive_read_support_format_tar(archive)
    unsafe archive_read_support_format_7zip(archive)
    unsafe archive_read_support_format_rar(archive)
    unsafe archive_read_support_format_rar5(archive)
    // A file that is compressed and no archive.
    unsafe archive_read_support_format_raw(archive)
  }

  private static func walk(_ archive: OpaquePointer, _ body: (Entry) -> Bool) -> Ending {
    var unpacked = 0
    for _ in 0..<maxEntries {
      var entry: OpaquePointer?
      let status = unsafe archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return .whole }
      guard status >= ARCHIVE_WARN, let entry = unsafe entry else { return .damaged }
      if unsafe archive_format(archive) == ARCHIVE_FORMAT_RAW { return .whole }
      guard unsafe body(Entry(name: name(of: entry), archive: archive)) else { return .stopped }
      // What is compressed as a whole is unpacked to come to the next entry: here, where it is counted.
      guard unsafe archive_filter_count(archive) > 1 else { continue }
      guard unsafe unpack(archive, limit: maxUnpackedByteCount - unpacked, { unpacked += $0.count }) else {
        return .stopped
      }
    }
    return .stopped
  }

  private static func name(of entry: OpaquePointer) -> [UInt8] {
    guard let name = unsafe archive_entry_pathname(entry) else { return [] }
    var bytes: [UInt8] = []
    var index = 0
    while unsafe name[index] != 0 {
      bytes.append(UInt8(bitPattern: unsafe name[index]))
      index += 1
    }
    return bytes
  }

  /// - Returns: false when there are more than `limit` bytes, or the content cannot be read.
  private static func unpack(_ archive: OpaquePointer, limit: Int, _ body: (ArraySlice<UInt8>) -> Void) -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    var total = 0
    while true {
      let count = unsafe archive_read_data(archive, &piece, piece.count)
      if count == 0 { return true }
      guard count > 0 else { return false }
      body(piece[..<min(count, limit - total)])
      total += count
      if total > limit { return false }
    }
  }
}
