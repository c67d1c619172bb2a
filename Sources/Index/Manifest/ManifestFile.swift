import Bytes

/// The manifest on disk and in memory. Every edit writes the whole manifest beside the old one, syncs it, renames it over
/// the old one and syncs the directory: after a crash there is the old manifest or the new one, never a mixture.
///
/// Owned by whoever holds the index's edit lock; not safe for two threads at once.
struct ManifestFile: Sendable {
  /// File numbers are reserved so many at a time, so that few flushes pay for an edit of their own.
  static let reservationSize: UInt64 = 64

  private(set) var manifest: Manifest
  private let fileSystem: any FileSystem
  private let directory: String
  private var nextFileNumber: UInt64

  private var path: String { directory + "/" + Manifest.fileName }

  /// A manifest made up for one that is lost: it lists every run that can be read, in the order of their numbers. The
  /// text of a mail never changes, so whichever run counts over another, a record is a right one.
  static func salvaged(
    _ runs: [Manifest.Entry], reservedThrough: UInt64, appliedSequence: SequenceNumber, fileSystem: any FileSystem,
    directory: String
  ) -> ManifestFile {
    var manifest = Manifest()
    manifest.runs = runs
    manifest.reservedThrough = reservedThrough
    manifest.appliedSequence = appliedSequence
    return ManifestFile(manifest: manifest, fileSystem: fileSystem, directory: directory)
  }

  /// - Returns: an empty manifest where there is none on disk.
  /// - Throws: `IndexError` with code `.corrupt` for damaged bytes, `FileError`.
  static func open(fileSystem: any FileSystem, directory: String) throws -> ManifestFile {
    let path = directory + "/" + Manifest.fileName
    guard fileSystem.exists(path) else {
      return ManifestFile(manifest: Manifest(), fileSystem: fileSystem, directory: directory)
    }
    do {
      let manifest = try Manifest.decode(fileSystem.readFile(path))
      return ManifestFile(manifest: manifest, fileSystem: fileSystem, directory: directory)
    } catch let error as DecodingError {
      throw IndexError.corrupt(path, at: UInt64(error.offset), error.message)
    }
  }

  private init(manifest: Manifest, fileSystem: any FileSystem, directory: String) {
    self.manifest = manifest
    self.fileSystem = fileSystem
    self.directory = directory
    // Numbers reserved by the process before may have been used for files that a crash left behind.
    nextFileNumber = manifest.reservedThrough + 1
  }

  /// Durable on return. On an error the manifest in memory stays as it was.
  mutating func commit(_ edit: (inout Manifest) -> Void) throws(FileError) {
    var next = manifest
    edit(&next)
    next.editNumber += 1
    try fileSystem.replaceFile(path, with: next.encode())
    manifest = next
  }

  /// A number for a new file, durably reserved before the file can exist.
  mutating func reserveFileNumber() throws(FileError) -> UInt64 {
    if nextFileNumber > manifest.reservedThrough {
      let through = nextFileNumber + Self.reservationSize - 1
      try commit { $0.reservedThrough = through }
    }
    defer { nextFileNumber += 1 }
    return nextFileNumber
  }
}
