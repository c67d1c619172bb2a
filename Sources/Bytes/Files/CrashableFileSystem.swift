import Synchronization

/// A file system in memory that crashes, fills up and fails on demand: the twin of `PosixFileSystem` for tests of
/// every store.
///
/// Each call that changes something is a numbered step, from 0. The plan says at which step the machine stops and which
/// steps fail:
///
///     let disk = CrashableFileSystem(CrashPlan(crashAtStep: 17))
///     …the store works until a call throws…
///     let after = disk.reopened(.torn(seed: 3))     // what the next process finds
///
/// What survives follows POSIX at its most unkind. Bytes are safe after `syncData` and names after `syncDirectory`;
/// everything else may be there, be missing, or, for bytes, be there in part: each 512-byte sector of an unsynced
/// write for itself. Syncing a new file does not make its name safe. A rename is atomic. Directories are safe as soon
/// as they are made (`PosixFileSystem` syncs their parent).
///
/// After the crash every call on this instance and its files throws. Any thread may call anything.
package final class CrashableFileSystem: FileSystem {
  private let disk: Locked<CrashableDisk>
  private let control: Locked<Control>

  private struct Control {
    var plan: CrashPlan
    var hasCrashed = false
    var steps: [CrashPlan.Step] = []
  }

  package convenience init(_ plan: CrashPlan = CrashPlan()) { self.init(CrashableDisk(), plan) }

  private init(_ disk: consuming CrashableDisk, _ plan: CrashPlan) {
    self.disk = Locked(disk)
    control = Locked(Control(plan: plan))
  }

  /// May be changed at any time, for example to give space back.
  package var plan: CrashPlan {
    get { control.withLock { $0.plan } }
    set { control.withLock { $0.plan = newValue } }
  }

  /// Every step so far, in order.
  package var steps: [CrashPlan.Step] { control.withLock { $0.steps } }
  package func count(of kind: CrashPlan.Step.Kind) -> Int { steps.count { $0.kind == kind } }
  package var hasCrashed: Bool { control.withLock { $0.hasCrashed } }

  /// Stops the machine now.
  package func crash() { control.withLock { $0.hasCrashed = true } }

  /// Crashes, if that has not happened yet, and gives the file system as the next process sees it.
  package func reopened(_ outcome: CrashOutcome, plan: CrashPlan = CrashPlan()) -> CrashableFileSystem {
    crash()
    return CrashableFileSystem(disk.withLock { $0.afterCrash(outcome) }, plan)
  }

  // MARK: FileSystem

  package func createDirectory(_ path: String) throws(FileError) {
    try step(.createDirectory, path) { disk throws(FileError) in try disk.createDirectory(path) }
  }

  package func open(_ path: String, _ mode: FileOpenMode) throws(FileError) -> any File {
    let node: Int
    if case .create = mode {
      node = try step(.create, path) { disk throws(FileError) in try disk.create(path) }
    } else {
      node = try look(path) { disk throws(FileError) in try disk.node(of: path) }
    }
    if case .read = mode { return CrashableFile(self, node: node, path: path, isWritable: false) }
    return CrashableFile(self, node: node, path: path, isWritable: true)
  }

  package func rename(_ source: String, to target: String) throws(FileError) {
    try step(.rename, source) { disk throws(FileError) in try disk.rename(source, to: target) }
  }

  package func remove(_ path: String) throws(FileError) {
    try step(.remove, path) { disk throws(FileError) in try disk.remove(path) }
  }

  package func list(_ directory: String) throws(FileError) -> [String] {
    try look(directory) { disk throws(FileError) in try disk.list(directory) }
  }

  package func exists(_ path: String) -> Bool {
    !hasCrashed && disk.withLock { $0.exists(path) }
  }

  package func syncDirectory(_ directory: String) throws(FileError) {
    try step(.syncDirectory, directory) { disk throws(FileError) in try disk.syncDirectory(directory) }
  }

  // MARK: Steps

  /// A call that changes nothing.
  fileprivate func look<Value>(
    _ path: String, _ body: (inout CrashableDisk) throws(FileError) -> Value
  ) throws(FileError) -> Value where Value: Sendable {
    if hasCrashed { throw crashed(path) }
    return try disk.withLock { disk throws(FileError) in try body(&disk) }
  }

  /// A call that changes something: counts it, asks the plan, and performs it.
  fileprivate func step<Value>(
    _ kind: CrashPlan.Step.Kind, _ path: String, failing: ((inout CrashableDisk) -> Void)? = nil,
    _ body: (inout CrashableDisk) throws(FileError) -> Value
  ) throws(FileError) -> Value where Value: Sendable {
    let (step, plan, isCrash) = control.withLock { control in
      let step = CrashPlan.Step(number: control.steps.count, kind: kind, path: path)
      if !control.hasCrashed && control.plan.crashAtStep == step.number { control.hasCrashed = true }
      if !control.hasCrashed { control.steps.append(step) }
      return (step, control.plan, control.hasCrashed)
    }
    if isCrash { throw crashed(path) }
    // Outside the locks, so that a plan may hold a step back while others go on.
    if let code = plan.failure?(step) {
      if let failing { disk.withLock { disk in failing(&disk) } }
      throw FileError(code: code, path: path, message: "\(kind): failed as planned at step \(step.number)")
    }
    if hasCrashed { throw crashed(path) }
    return try disk.withLock { disk throws(FileError) in
      disk.byteQuota = plan.byteQuota
      return try body(&disk)
    }
  }

  private func crashed(_ path: String) -> FileError {
    FileError(code: .failed, path: path, message: "the machine has crashed")
  }
}

/// An open file of a `CrashableFileSystem`. Holds its bytes even when its name is gone.
private final class CrashableFile: File {
  let path: String
  private let system: CrashableFileSystem
  private let node: Int
  private let isWritable: Bool
  private let isClosed = Atomic<Bool>(false)

  init(_ system: CrashableFileSystem, node: Int, path: String, isWritable: Bool) {
    self.system = system
    self.node = node
    self.path = path
    self.isWritable = isWritable
  }

  func read(at offset: UInt64, byteCount: Int) throws(FileError) -> [UInt8] {
    try requireOpen()
    if let code = system.plan.readFailure?(path) {
      throw FileError(code: code, path: path, message: "a read failed as planned")
    }
    return try system.look(path) { disk throws(FileError) in disk.read(node, at: offset, byteCount: byteCount) }
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError) {
    try requireWritable()
    // A write that fails has often written a part.
    let half = Array(bytes[..<(bytes.count / 2)])
    try system.step(
      .write, path, failing: { [node, path] disk in try? disk.write(half, at: offset, to: node, path: path) },
      { disk throws(FileError) in try disk.write(bytes, at: offset, to: node, path: path) })
  }

  func preallocate(byteCount: UInt64) throws(FileError) {
    try requireWritable()
    try system.step(.preallocate, path) { disk throws(FileError) in
      try disk.extend(node, to: byteCount, path: path)
    }
  }

  func truncate(to byteCount: UInt64) throws(FileError) {
    try requireWritable()
    try system.step(.truncate, path) { disk throws(FileError) in
      try disk.resize(node, to: byteCount, path: path)
    }
  }

  func syncData() throws(FileError) {
    try requireOpen()
    try system.step(
      .sync, path, failing: { [node] disk in disk.loseDirtyPages(of: node) },
      { disk throws(FileError) in disk.sync(node) })
  }

  func byteCount() throws(FileError) -> UInt64 {
    try requireOpen()
    return try system.look(path) { disk throws(FileError) in disk.byteCount(of: node) }
  }

  func close() { isClosed.store(true, ordering: .releasing) }

  private func requireOpen() throws(FileError) {
    if isClosed.load(ordering: .acquiring) {
      throw FileError(code: .failed, path: path, message: "the file is closed")
    }
  }

  private func requireWritable() throws(FileError) {
    try requireOpen()
    if !isWritable { throw FileError(code: .failed, path: path, message: "the file is open for reading only") }
  }
}
