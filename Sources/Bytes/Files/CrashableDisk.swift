/// The state of a `CrashableFileSystem`: for every file and name what is there now, what is safe, and the operations
/// between the two.
struct CrashableDisk: Sendable {
  /// A change of names that no directory sync has made safe yet.
  private struct NameChange: Sendable {
    var added: (path: String, node: Int)?
    var removed: String?

    var paths: [String] { [added?.path, removed].compactMap(\.self) }

    func apply(to names: inout [String: Int]) {
      if let removed { names[removed] = nil }
      if let added { names[added.path] = added.node }
    }
  }

  var byteQuota: UInt64?
  private var nodes: [Int: CrashableNode] = [:]
  private var nextNode = 0
  private var directories: Set<String> = ["/", "."]
  private var names: [String: Int] = [:]
  private var syncedNames: [String: Int] = [:]
  private var pendingNames: [NameChange] = []

  // MARK: Names

  mutating func createDirectory(_ path: String) throws(FileError) {
    if path.isEmpty || directories.contains(path) { return }
    if names[path] != nil { throw FileError(code: .exists, path: path, message: "is a file") }
    try createDirectory(parentDirectory(of: path))
    directories.insert(path)
  }

  func exists(_ path: String) -> Bool { names[path] != nil || directories.contains(path) }

  func node(of path: String) throws(FileError) -> Int {
    guard let node = names[path] else { throw FileError(code: .notFound, path: path, message: "no such file") }
    return node
  }

  func list(_ directory: String) throws(FileError) -> [String] {
    try requireDirectory(directory)
    let inside = [names.keys.map(\.self), directories.map(\.self)].joined()
      .filter { $0 != "/" && $0 != "." && parentDirectory(of: $0) == directory }
    return inside.map { String($0.split(separator: "/").last ?? "") }.sorted()
  }

  mutating func create(_ path: String) throws(FileError) -> Int {
    try requireDirectory(parentDirectory(of: path))
    if exists(path) { throw FileError(code: .exists, path: path, message: "the file exists") }
    let node = nextNode
    nextNode += 1
    nodes[node] = CrashableNode()
    change(NameChange(added: (path, node)))
    return node
  }

  mutating func rename(_ source: String, to target: String) throws(FileError) {
    let node = try node(of: source)
    try requireDirectory(parentDirectory(of: target))
    if directories.contains(target) { throw FileError(code: .failed, path: target, message: "is a directory") }
    change(NameChange(added: (target, node), removed: source))
  }

  mutating func remove(_ path: String) throws(FileError) {
    _ = try node(of: path)
    change(NameChange(removed: path))
  }

  /// Makes the changes safe that touch `directory`, and the earlier ones of the same names.
  mutating func syncDirectory(_ directory: String) throws(FileError) {
    try requireDirectory(directory)
    var touched: Set<String> = []
    var isSafe: [Bool] = []
    for change in pendingNames.reversed() {
      let chosen = change.paths.contains { parentDirectory(of: $0) == directory || touched.contains($0) }
      if chosen { touched.formUnion(change.paths) }
      isSafe.append(chosen)
    }
    let decided = zip(pendingNames, isSafe.reversed())
    for (change, safe) in decided where safe { change.apply(to: &syncedNames) }
    pendingNames = decided.filter { !$0.1 }.map(\.0)
  }

  private mutating func change(_ change: NameChange) {
    change.apply(to: &names)
    pendingNames.append(change)
  }

  private func requireDirectory(_ path: String) throws(FileError) {
    if !directories.contains(path) { throw FileError(code: .notFound, path: path, message: "no such directory") }
  }

  // MARK: Bytes

  func byteCount(of node: Int) -> UInt64 { UInt64(nodes[node]?.current.count ?? 0) }

  func read(_ node: Int, at offset: UInt64, byteCount: Int) -> [UInt8] {
    guard let bytes = nodes[node]?.current, offset < UInt64(bytes.count) else { return [] }
    return Array(bytes[Int(offset)...].prefix(byteCount))
  }

  mutating func write(_ bytes: [UInt8], at offset: UInt64, to node: Int, path: String) throws(FileError) {
    let room = roomToGrow
    let end = offset + UInt64(bytes.count)
    let growth = end - min(end, byteCount(of: node))
    if growth <= room { return perform(.write(bytes, offset: Int(offset)), on: node) }
    let fitting = UInt64(bytes.count) - min(UInt64(bytes.count), growth - room)
    if fitting > 0 { perform(.write(Array(bytes[..<Int(fitting)]), offset: Int(offset)), on: node) }
    throw FileError(code: .noSpace, path: path, message: "no space for \(bytes.count) bytes at offset \(offset)")
  }

  /// Never shrinks.
  mutating func extend(_ node: Int, to byteCount: UInt64, path: String) throws(FileError) {
    if byteCount > self.byteCount(of: node) { try resize(node, to: byteCount, path: path) }
  }

  mutating func resize(_ node: Int, to byteCount: UInt64, path: String) throws(FileError) {
    let old = self.byteCount(of: node)
    if byteCount > old && byteCount - old > roomToGrow {
      throw FileError(code: .noSpace, path: path, message: "no space for \(byteCount) bytes")
    }
    perform(.resize(Int(byteCount)), on: node)
  }

  mutating func sync(_ node: Int) { nodes[node]?.sync() }

  mutating func loseDirtyPages(of node: Int) { nodes[node]?.loseDirtyPages() }

  private var roomToGrow: UInt64 {
    guard let byteQuota else { return .max }
    let used = Set(names.values).reduce(0) { $0 + byteCount(of: $1) }
    return byteQuota - min(byteQuota, used)
  }

  private mutating func perform(_ change: CrashableNode.Change, on node: Int) { nodes[node]?.perform(change) }

  // MARK: Crash

  /// What the next process finds.
  func afterCrash(_ outcome: CrashOutcome) -> CrashableDisk {
    // The machine went on: what was in memory only still is, and so is what a failed sync gave up.
    if outcome == .kept { return self }
    var coin = CrashCoin(outcome)
    var next = CrashableDisk()
    next.directories = directories
    next.nextNode = nextNode
    next.names = survivingNames(&coin)
    next.syncedNames = next.names
    for node in Set(next.names.values).sorted() {
      next.nodes[node] = nodes[node]?.afterPowerLoss(&coin)
    }
    return next
  }

  /// A lost change takes the later ones of the same names with it.
  private func survivingNames(_ coin: inout CrashCoin) -> [String: Int] {
    var names = syncedNames
    var lost: Set<String> = []
    for change in pendingNames {
      if coin.keeps() && lost.isDisjoint(with: change.paths) {
        change.apply(to: &names)
      } else {
        lost.formUnion(change.paths)
      }
    }
    return names
  }
}
