import Bytes

/// Where damaged files of an index go: `quarantine/` beside them, under their own names. Nothing there is ever deleted or
/// searched; it is for people, and for a repair that a crash stopped between the move and the manifest's edit.
struct Quarantine {
  static let directoryName = "quarantine"

  private let fileSystem: any FileSystem
  private let directory: String
  private var path: String { directory + "/" + Self.directoryName }

  init(_ fileSystem: any FileSystem, directory: String) {
    self.fileSystem = fileSystem
    self.directory = directory
  }

  /// Where a file is: in its place, or here already; `nil` where it is gone.
  func currentPath(of name: String) -> String? {
    [directory + "/" + name, path + "/" + name].first { fileSystem.exists($0) }
  }

  /// Moves files here, durably. Those that are not in their place any more are here, or gone.
  func take(_ names: [String]) throws(FileError) {
    let present = names.filter { fileSystem.exists(directory + "/" + $0) }
    if present.isEmpty { return }
    try fileSystem.createDirectory(path)
    for name in present { try fileSystem.rename(directory + "/" + name, to: freePath(name)) }
    // The new names first: at no moment is there none.
    try fileSystem.syncDirectory(path)
    try fileSystem.syncDirectory(directory)
  }

  /// Keeps what a damaged manifest holds, and leaves the file to be replaced in its place.
  func keepDamagedManifest() throws(FileError) {
    let name = Manifest.fileName
    guard fileSystem.exists(directory + "/" + name) else { return }
    let bytes = try fileSystem.readFile(directory + "/" + name)
    if (try? Manifest.decode(bytes)) != nil { return }
    try fileSystem.createDirectory(path)
    try fileSystem.createFile(freePath(name), with: bytes)
    try fileSystem.syncDirectory(path)
  }

  /// Numbered files have names that never come again; a manifest may be damaged twice.
  private func freePath(_ name: String) -> String {
    var candidate = path + "/" + name
    var number = 1
    while fileSystem.exists(candidate) {
      number += 1
      candidate = "\(path)/\(name).\(number)"
    }
    return candidate
  }
}
