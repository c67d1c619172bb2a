/// What a file's name and first bytes say against it, whether it came with a mail or in an archive.
enum FileExamination {
  /// - Parameters:
  ///   - name: nil where it has none.
  ///   - beginning: `FileContent.beginningByteCount` bytes, or all.
  ///   - judgesName: false for what no user opens by its name.
  static func suspicions(
    name: String?, beginning: some RandomAccessCollection<UInt8>, judgesName: Bool = true
  ) -> [Suspicion] {
    let file = FileName(name ?? "")
    let detail = file.text
    var found: [Suspicion] = []
    if EICAR.isAtBeginning(of: beginning) { found.append(Suspicion(.eicar, detail)) }
    if let kind = FileContent.executable(beginning) {
      found.append(Suspicion(.executable, detail.isEmpty ? kind : "\(kind) in \(detail)"))
    }
    guard judgesName else { return found }
    if file.isExecutable { found.append(Suspicion(.executableName, detail)) }
    if file.isDouble { found.append(Suspicion(.doubleExtension, detail)) }
    if file.isDeceptive { found.append(Suspicion(.deceptiveName, detail)) }
    return found
  }
}
