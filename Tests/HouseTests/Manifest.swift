/// The rooms as `Package.swift` lists them, from the floor up, each with what it depends on.
struct Manifest {
  struct Room: Equatable {
    let name: String
    /// Names in quotes, which are targets of this package; products of other packages are constants there.
    let dependencies: [String]
  }

  let rooms: [Room]
  let testTargets: [String]

  init(_ text: String) {
    let parts = text.split(separator: "let tests: [Target]", maxSplits: 1)
    rooms = Self.targets(in: parts.first.map(String.init) ?? "")
    testTargets = Self.targets(in: parts.count == 2 ? String(parts[1]) : "").map(\.name)
  }

  var roomNames: Set<String> { Set(rooms.map(\.name)) }

  /// Arrows that do not point at a room further up in the list: "Index -> Query".
  var arrowsPointingUp: [String] {
    var below: Set<String> = []
    var wrong: [String] = []
    for room in rooms {
      wrong += room.dependencies.filter { !below.contains($0) }.map { "\(room.name) -> \($0)" }
      below.insert(room.name)
    }
    return wrong
  }

  /// Imports of a room that the importing room's target does not name: "Sources/Index/Run.swift imports Query".
  func undeclaredImports(in files: [SwiftFile]) -> [String] {
    files.flatMap { file -> [String] in
      let declared = rooms.first { $0.name == file.room }?.dependencies ?? []
      return file.imports
        .filter { roomNames.contains($0) && $0 != file.room && !declared.contains($0) }
        .map { "\(file.path) imports \($0)" }
    }
  }

  private static func targets(in text: String) -> [Room] {
    let opening = /\.(?:target|executableTarget|testTarget|systemLibrary)\(\s*name: "(\w+)"/
    let starts = text.matches(of: opening)
    return starts.indices.map { index in
      let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : text.endIndex
      let body = text[starts[index].range.upperBound..<end]
      let list = body.firstMatch(of: /dependencies:\s*\[([^\]]*)\]/)?.1 ?? ""
      return Room(name: String(starts[index].1), dependencies: list.matches(of: /"(\w+)"/).map { String($0.1) })
    }
  }
}
