import Foundation

/// The files that an import will read, found before it starts so that its progress has an end.
struct ImportPlan {
  enum Kind: Sendable {
    case mbox
    case message
    /// A message in a Maildir, whose name may end in flags (`:2,FRS`).
    case maildirMessage
  }

  struct Item: Sendable, Equatable {
    let path: String
    let kind: Kind
    let folder: String
    let byteCount: UInt64
  }

  private(set) var items: [Item] = []
  /// Directories seen below the path at hand: a link may lead back to where it stands.
  private var visited: Set<PathKind.Identity> = []
  var byteCount: UInt64 { items.reduce(0) { $0 + $1.byteCount } }

  /// - Parameter folder: where everything goes; without it the names of directories and mbox files become folders.
  /// - Throws: `ImportError` for a path that is missing or holds no mail.
  init(paths: [String], folder: String?) throws {
    for path in paths {
      visited = []
      let before = items.count
      try add(path, folder: folder)
      if items.count == before {
        throw ImportError("\(path): no mail found (mbox, mbox.zst, Maildir or .eml expected)")
      }
    }
  }

  private mutating func add(_ path: String, folder: String?) throws {
    switch PathKind(path) {
    case .missing: throw ImportError("\(path): no such file or directory")
    case .other: throw ImportError("\(path): neither a file nor a directory")
    case .file(let byteCount): addFile(path, byteCount, folder: folder, isNamed: true)
    case .directory(let identity): try addDirectory(path, identity, folder: folder, maildirName: "inbox")
    }
  }

  /// - Parameter isNamed: asked for by name, so that it must be mail of some kind.
  private mutating func addFile(_ path: String, _ byteCount: UInt64, folder: String?, isNamed: Bool) {
    let name = (path as NSString).lastPathComponent
    if name.lowercased().hasSuffix(".eml") {
      items.append(Item(path: path, kind: .message, folder: folder ?? "inbox", byteCount: byteCount))
    } else if Self.looksLikeMbox(path, name, byteCount) {
      items.append(Item(path: path, kind: .mbox, folder: folder ?? Self.folderName(ofMbox: name), byteCount: byteCount))
    } else if isNamed {
      // Nothing in it is no mail, rather than an empty one: mail programs leave such mboxes behind.
      let kind = byteCount == 0 ? Kind.mbox : .message
      items.append(Item(path: path, kind: kind, folder: folder ?? "inbox", byteCount: byteCount))
    }
  }

  /// - Parameter maildirName: what the folder is called when the directory is a Maildir, unless `folder` says where
  ///   everything goes.
  private mutating func addDirectory(
    _ path: String, _ identity: PathKind.Identity, folder: String?, maildirName: String
  ) throws {
    guard visited.insert(identity).inserted else { return }
    if MaildirFolder.isMaildir(path) {
      try addMaildir(path, folder: folder, name: maildirName)
    } else {
      try addPlainDirectory(path, folder: folder)
    }
  }

  /// Mboxes, messages, Maildirs and directories, in order of name.
  private mutating func addPlainDirectory(_ path: String, folder: String?) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where !name.hasPrefix(".") {
      let child = path + "/" + name
      switch PathKind(child) {
      case .missing, .other: break
      case .file(let byteCount):
        let isMessage = name.lowercased().hasSuffix(".eml")
        let own = isMessage ? (path as NSString).lastPathComponent : nil
        addFile(child, byteCount, folder: folder ?? own, isNamed: false)
      case .directory(let identity):
        // By custom the directory called Maildir is the inbox with everything below it.
        let maildirName = name.lowercased() == "maildir" ? "inbox" : name
        try addDirectory(child, identity, folder: folder, maildirName: maildirName)
      }
    }
  }

  private mutating func addMaildir(_ path: String, folder: String?, name: String) throws {
    for part in ["cur", "new"] {
      for message in MaildirFolder.names(in: path + "/" + part) {
        let file = path + "/" + part + "/" + message
        guard case .file(let byteCount) = PathKind(file) else { continue }
        items.append(Item(path: file, kind: .maildirMessage, folder: folder ?? name, byteCount: byteCount))
      }
    }
    let prefix = name.lowercased() == "inbox" ? "" : name + "/"
    for child in MaildirFolder.subfolders(of: path) {
      let directory = path + "/" + child.directory
      guard case .directory(let identity) = PathKind(directory) else { continue }
      try addDirectory(directory, identity, folder: folder, maildirName: prefix + child.name)
    }
  }

  private static func looksLikeMbox(_ path: String, _ name: String, _ byteCount: UInt64) -> Bool {
    if [".zst", ".mbox", ".mbx"].contains(where: name.lowercased().hasSuffix) { return true }
    guard byteCount > 0, let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 5) else { return false }
    return start.elementsEqual("From ".utf8)
  }

  private static func folderName(ofMbox name: String) -> String {
    var name = name[...]
    for suffix in [".zst", ".mbox", ".mbx"] where name.lowercased().hasSuffix(suffix) {
      name = name.dropLast(suffix.count)
    }
    return name.isEmpty ? "inbox" : String(name)
  }
}

/// Why an import could not begin or go on.
package struct ImportError: Error, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}
