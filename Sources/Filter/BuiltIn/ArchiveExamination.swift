import CArchive

/// Looks into an archive in memory, and the archives in it, by libarchive. Nothing is unpacked to disk, whatever the names say;
/// how much is unpacked at all is bounded by `ArchiveLimits`.
struct ArchiveExamination {
  private(set) var report = ArchiveReport()
  private let limits: ArchiveLimits
  private var entriesLeft: Int
  private var bytesLeft: Int
  /// What entries say they have, of all archives so far.
  private var declaredByteCount = 0
  private let byteCount: Int

  /// - Parameter judgesNames: false where no user opens an entry by its name, as in a text document.
  static func report(on bytes: [UInt8], name: String?, limits: ArchiveLimits) -> ArchiveReport {
    var examination = ArchiveExamination(limits: limits, byteCount: bytes.count)
    let file = FileName(name ?? "")
    examination.examine(bytes, file, depth: 1)
    return examination.report
  }

  private init(limits: ArchiveLimits, byteCount: Int) {
    self.limits = limits
    self.byteCount = byteCount
    entriesLeft = limits.entries
    bytesLeft = limits.byteCount
  }

  private mutating func examine(_ bytes: [UInt8], _ file: FileName, depth: Int) {
    guard depth <= limits.nesting else { return report.note(Suspicion(.unreadArchive, "archives in archives")) }
    unsafe bytes.withUnsafeBytes { buffer in
      guard let archive = unsafe archive_read_new() else { return report.note(Suspicion(.unreadArchive, file.text)) }
      defer { unsafe archive_read_free(archive) }
      unsafe Self.support(archive)
      guard unsafe archive_read_open_memory(archive, buffer.baseAddress, buffer.count) == ARCHIVE_OK else {
        // Nothing more may be asked of an archive that is not open: libarchive 3.6 would follow a pointer of a format it has not.
        return report.note(Suspicion(.unreadArchive, file.text))
      }
      unsafe walk(archive, file, depth: depth)
    }
  }

  /// Only formats and filters that libarchive reads itself: for others it would start programs.
  private static func support(_ archive: OpaquePointer) {
    unsafe archive_read_support_filter_gzip(archive)
    unsafe archive_read_support_filter_bzip2(archive)
    unsafe archive_read_support_filter_xz(archive)
    unsafe archive_read_support_filter_zstd(archive)
    unsafe archive_read_support_format_zip(archive)
    unsafe archive_read_support_format_tar(archive)
    unsafe archive_read_support_format_7zip(archive)
    unsafe archive_read_support_format_rar(archive)
    unsafe archive_read_support_format_rar5(archive)
    unsafe archive_read_support_format_cab(archive)
    // A file that is compressed and no archive.
    unsafe archive_read_support_format_raw(archive)
  }

  private mutating func walk(_ archive: OpaquePointer, _ file: FileName, depth: Int) {
    while true {
      var next: OpaquePointer?
      let status = unsafe archive_read_next_header(archive, &next)
      if status == ARCHIVE_EOF { break }
      guard status >= ARCHIVE_WARN, let entry = unsafe next else { return unsafe noteFailure(archive, file) }
      guard entriesLeft > 0 else { return report.note(Suspicion(.unreadArchive, "too many files in it")) }
      entriesLeft -= 1
      let isRaw = unsafe archive_format(archive) == ARCHIVE_FORMAT_RAW
      // Neither an archive nor compressed.
      if isRaw, unsafe archive_filter_count(archive) <= 1 { return }
      guard unsafe noteSize(entry) else { return report.note(Suspicion(.archiveBomb, file.text)) }
      let name = isRaw ? file.withoutLastExtension : unsafe Self.name(of: entry)
      guard unsafe examine(entry, of: archive, name, judgesName: !file.isPackage, depth: depth) else { return }
    }
    // Where the names are encrypted too there is no entry that says so.
    let isTold = report.suspicions.contains { $0.kind == .encryptedArchive }
    if !isTold, unsafe archive_read_has_encrypted_entries(archive) > 0 {
      report.note(Suspicion(.encryptedArchive, file.text))
    }
  }

  /// - Returns: false where the archive cannot be read on.
  private mutating func examine(
    _ entry: OpaquePointer, of archive: OpaquePointer, _ name: String, judgesName: Bool, depth: Int
  ) -> Bool {
    if unsafe archive_entry_is_encrypted(entry) != 0 {
      report.note(Suspicion(.encryptedArchive, name))
      note(name, [], judgesName)
      return true
    }
    var content: [UInt8] = []
    var ending = unsafe read(archive, into: &content, limit: FileContent.beginningByteCount)
    note(name, content, judgesName)
    if ending != .damaged, FileContent.isArchive(content) || FileName(name).isArchive {
      ending = unsafe read(archive, into: &content, limit: .max)
      if ending == .whole { examine(content, FileName(name), depth: depth + 1) }
    }
    // What is compressed as a whole is unpacked to come to the next entry: here, where it is counted.
    if ending == .more, unsafe archive_filter_count(archive) > 1 { ending = unsafe skip(archive) }
    switch ending {
    case .whole, .more: return true
    case .damaged:
      unsafe noteFailure(archive, FileName(name))
      return true
    case .overLimit:
      noteOverLimit(name)
      return false
    }
  }

  private mutating func note(_ name: String, _ beginning: [UInt8], _ judgesName: Bool) {
    for suspicion in FileExamination.suspicions(name: name, beginning: beginning, judgesName: judgesName) {
      report.note(suspicion)
    }
  }

  // MARK: Bytes

  private enum Ending {
    /// There is more of it than was asked for.
    case more
    case whole, damaged
    /// Of all that may be unpacked nothing is left.
    case overLimit
  }

  private static let pieceByteCount = 64 << 10

  /// Reads on until there are `limit` bytes.
  private mutating func read(_ archive: OpaquePointer, into content: inout [UInt8], limit: Int) -> Ending {
    var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
    while content.count < limit {
      let ending = unsafe readPiece(archive, &piece, limit: limit - content.count) { content += $0 }
      if ending != .more { return ending }
    }
    return .more
  }

  private mutating func skip(_ archive: OpaquePointer) -> Ending {
    var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
    while true {
      let ending = unsafe readPiece(archive, &piece, limit: .max) { _ in }
      if ending != .more { return ending }
    }
  }

  private mutating func readPiece(
    _ archive: OpaquePointer, _ piece: inout [UInt8], limit: Int, _ body: (ArraySlice<UInt8>) -> Void
  ) -> Ending {
    let count = unsafe archive_read_data(archive, &piece, min(piece.count, limit))
    if count == 0 { return .whole }
    guard count > 0 else { return .damaged }
    guard count <= bytesLeft else { return .overLimit }
    bytesLeft -= count
    body(piece[..<count])
    return .more
  }

  // MARK: Trouble

  /// - Returns: false where all entries so far say that they are so large that nobody would send that.
  private mutating func noteSize(_ entry: OpaquePointer) -> Bool {
    let size = max(0, Int(unsafe archive_entry_size(entry)))
    let (sum, isOver) = declaredByteCount.addingReportingOverflow(size)
    declaredByteCount = isOver ? .max : sum
    return !isBomb(declaredByteCount)
  }

  private func isBomb(_ unpacked: Int) -> Bool {
    unpacked > limits.byteCount && unpacked / max(1, byteCount) > limits.ratio
  }

  private mutating func noteOverLimit(_ name: String) {
    let unpacked = limits.byteCount - bytesLeft
    let isBomb = unpacked / max(1, byteCount) > limits.ratio
    report.note(Suspicion(isBomb ? .archiveBomb : .unreadArchive, name))
  }

  /// libarchive says of encrypted archives that it cannot read them, in words.
  private mutating func noteFailure(_ archive: OpaquePointer, _ file: FileName) {
    let text = unsafe archive_error_string(archive).map { unsafe String(cString: $0) } ?? ""
    let isEncrypted =
      unsafe archive_read_has_encrypted_entries(archive) > 0 || text.contains("ncrypt") || text.contains("assphrase")
    report.note(Suspicion(isEncrypted ? .encryptedArchive : .unreadArchive, file.text))
  }

  private static func name(of entry: OpaquePointer) -> String {
    if let name = unsafe archive_entry_pathname(entry) { return unsafe String(cString: name) }
    return unsafe archive_entry_pathname_utf8(entry).map { unsafe String(cString: $0) } ?? ""
  }
}
