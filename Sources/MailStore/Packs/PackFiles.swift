import Bytes

/// An open pack file whose header has been checked.
final class PackFile: Sendable {
  let number: UInt32
  let salt: UInt64
  let file: any File
  /// Where it lay when it was opened.
  let path: String

  init(number: UInt32, salt: UInt64, file: any File, path: String) {
    self.number = number
    self.salt = salt
    self.file = file
    self.path = path
  }

  /// Reserves space, so that writes into it change no metadata. Where there is no room for all of it, the file grows as
  /// it goes: there may still be room for a mail.
  func reserve(_ byteCount: UInt64, endOffset: UInt64) throws(FileError) {
    do throws(FileError) { try file.preallocate(byteCount: byteCount) } catch {
      if error.code != .noSpace { throw error }
      try file.truncate(to: endOffset)
    }
  }
}

/// The pack files of a data directory: which numbers there are, where each lies now, and a bounded set of open ones.
///
///     receive/0000000007.log         written by the receive log
///     blobs/packs/0000000008.open    written by the blob log
///     blobs/packs/0000000003.pack    sealed, never written again
final class PackFiles: Sendable {
  enum Place: Sendable, CaseIterable {
    case receiveLog
    case blobLog
    case sealed
  }

  let fileSystem: any FileSystem
  let options: PackOptions
  private let directory: String
  private let state: Locked<State>

  private struct State {
    var places: [UInt32: Place] = [:]
    var nextNumber: UInt32 = 1
    var open: [UInt32: (pack: PackFile, lastUse: UInt64)] = [:]
    var uses: UInt64 = 0
  }

  init(fileSystem: any FileSystem, directory: String, options: PackOptions) throws(FileError) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.options = options
    var state = State()
    for place in Place.allCases {
      let folder = Self.folder(of: place, in: directory)
      try fileSystem.createDirectory(folder)
      for name in try fileSystem.list(folder) {
        guard let number = Self.number(of: name, in: place) else { continue }
        state.places[number] = place
        state.nextNumber = max(state.nextNumber, number + 1)
      }
    }
    self.state = Locked(state)
  }

  /// Rising.
  func numbers(in place: Place) -> [UInt32] {
    state.withLock { state in state.places.filter { $0.value == place }.keys.sorted() }
  }

  var numbers: [UInt32] { state.withLock { $0.places.keys.sorted() } }

  func path(of number: UInt32, in place: Place) -> String {
    "\(Self.folder(of: place, in: directory))/\(Self.name(of: number, in: place))"
  }

  func place(of number: UInt32) -> Place? { state.withLock { $0.places[number] } }

  /// For messages: where the file lies now.
  func currentPath(of number: UInt32) -> String { path(of: number, in: place(of: number) ?? .sealed) }

  // MARK: Reading

  /// The open file with that number; files that were not used for long are closed when too many are open.
  /// - Throws: `StoreError` `.missingBlob` when there is none, `PackProblem` when its header is damaged.
  func open(_ number: UInt32) throws -> PackFile {
    if let pack = cached(number) { return pack }
    guard let place = place(of: number) else { throw missing(number) }
    do {
      let pack: PackFile
      do {
        pack = try open(number, in: place, .read)
      } catch let error as FileError where error.code == .notFound {
        // It was sealed, and so moved, since the look at its place, or is just being.
        pack = try open(number, in: .sealed, .read)
      }
      keepOpen(pack)
      return pack
    } catch let error as FileError where error.code == .notFound {
      throw missing(number)
    }
  }

  private func missing(_ number: UInt32) -> StoreError {
    StoreError(code: .missingBlob, message: "there is no pack file \(number) in \(directory)")
  }

  /// - Throws: `PackProblem` for a damaged header, `StoreError` for a file of a later version, `FileError`.
  func open(_ number: UInt32, in place: Place, _ mode: FileOpenMode) throws -> PackFile {
    let path = path(of: number, in: place)
    let file = try fileSystem.open(path, mode)
    let header = try PackHeader.decode(file.read(at: 0, byteCount: Int(PackHeader.endOffset)), file: path)
    guard header.version <= PackHeader.version else {
      throw StoreError.newerVersion(file: path, found: header.version, known: PackHeader.version)
    }
    guard header.number == number else {
      throw PackProblem(file: path, offset: 12, expected: "pack number \(number)", found: "\(header.number)")
    }
    return PackFile(number: number, salt: header.salt, file: file, path: path)
  }

  private func cached(_ number: UInt32) -> PackFile? {
    state.withLock { state in
      state.uses += 1
      state.open[number]?.lastUse = state.uses
      return state.open[number]?.pack
    }
  }

  private func keepOpen(_ pack: PackFile) {
    state.withLock { state in
      state.open[pack.number] = (pack, state.uses)
      guard state.open.count > options.maxOpenFiles else { return }
      // Whoever still reads from it holds it open until done.
      if let oldest = state.open.min(by: { $0.value.lastUse < $1.value.lastUse }) { state.open[oldest.key] = nil }
    }
  }

  // MARK: Files that come and go

  /// Makes the next file, reserved to its full size, and its name safe on disk.
  func create(in place: Place) throws -> PackFile {
    let number = state.withLock { state in
      defer { state.nextNumber += 1 }
      return state.nextNumber
    }
    let header = PackHeader(number: number, salt: options.makeSalt())
    let path = path(of: number, in: place)
    let file = try fileSystem.open(path, .create)
    do {
      try file.write(header.encoded, at: 0)
      let pack = PackFile(number: number, salt: header.salt, file: file, path: path)
      try pack.reserve(options.fileByteCount, endOffset: PackHeader.endOffset)
      try file.syncData()
      try fileSystem.syncDirectory(parentDirectory(of: path))
      state.withLock { $0.places[number] = place }
      return pack
    } catch {
      file.close()
      try? fileSystem.remove(path)
      throw error
    }
  }

  /// Renames a finished file to its sealed name, durably. Its readers go on undisturbed. May be called again after a
  /// failure.
  func moveToSealed(_ number: UInt32, from place: Place) throws {
    let source = path(of: number, in: place)
    let target = path(of: number, in: .sealed)
    if self.place(of: number) != .sealed {
      try fileSystem.rename(source, to: target)
      state.withLock { $0.places[number] = .sealed }
    }
    try fileSystem.syncDirectory(parentDirectory(of: target))
    if parentDirectory(of: source) != parentDirectory(of: target) {
      try fileSystem.syncDirectory(parentDirectory(of: source))
    }
  }

  /// For a file that never held a frame.
  func remove(_ number: UInt32, from place: Place) throws {
    try fileSystem.remove(path(of: number, in: place))
    state.withLock { state in
      state.places[number] = nil
      state.open[number] = nil
    }
  }

  // MARK: Names

  private static func folder(of place: Place, in directory: String) -> String {
    place == .receiveLog ? "\(directory)/receive" : "\(directory)/blobs/packs"
  }

  private static func suffix(of place: Place) -> String {
    switch place {
    case .receiveLog: ".log"
    case .blobLog: ".open"
    case .sealed: ".pack"
    }
  }

  private static func name(of number: UInt32, in place: Place) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 10 - digits.count) + digits + suffix(of: place)
  }

  private static func number(of name: String, in place: Place) -> UInt32? {
    guard name.hasSuffix(suffix(of: place)), let number = UInt32(name.dropLast(suffix(of: place).count)) else {
      return nil
    }
    return Self.name(of: number, in: place) == name ? number : nil
  }
}
