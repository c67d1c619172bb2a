/// Takes the members of an object one by one and complains about what is of another kind or left over.
struct JSONObjectReader {
  private let name: String
  private var members: [String: JSONValue] = [:]
  private var known: [String] = []

  /// - Parameter name: of the member that the object is, for messages; empty for the body itself.
  init(_ value: JSONValue, name: String) throws {
    guard case .object(let members) = value else {
      let what = name.isEmpty ? "The body" : name
      throw Problem.badRequest("\(what) must be an object, not \(value.kind).")
    }
    self.name = name
    for member in members { self.members[member.name] = member.value }
  }

  mutating func boolean(_ key: String) throws -> Bool? {
    switch take(key) {
    case nil: nil
    case .bool(let value): value
    case .some(let other): throw wrong(key, "must be true or false, not \(other.kind)")
    }
  }

  mutating func string(_ key: String) throws -> String? {
    switch take(key) {
    case nil: nil
    case .string(let value): value
    case .some(let other): throw wrong(key, "must be a string, not \(other.kind)")
    }
  }

  mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = take(key) else { return nil }
    guard case .integer(let number) = value, let number = Int(exactly: number), range.contains(number) else {
      throw wrong(key, "must be a whole number \(range.bounds)")
    }
    return number
  }

  /// A member that may be of several kinds.
  mutating func value(_ key: String) -> JSONValue? { take(key) }

  mutating func strings(_ key: String, maxCount: Int) throws -> [String]? {
    guard let value = take(key) else { return nil }
    guard case .array(let values) = value else { throw wrong(key, "must be an array of strings, not \(value.kind)") }
    guard values.count <= maxCount else { throw wrong(key, "may hold at most \(maxCount)") }
    return try values.map { element in
      guard case .string(let text) = element else { throw wrong(key, "must hold strings only, not \(element.kind)") }
      return text
    }
  }

  mutating func object(_ key: String) throws -> JSONObjectReader? {
    guard let value = take(key) else { return nil }
    return try JSONObjectReader(value, name: path(key))
  }

  /// Call after everything known was taken.
  func finish() throws {
    guard let unknown = members.keys.min() else { return }
    throw Problem.invalid(
      path(String(unknown.prefix(100))), "unknown member (known here: \(known.joined(separator: ", ")))")
  }

  private mutating func take(_ key: String) -> JSONValue? {
    known.append(key)
    return members.removeValue(forKey: key)
  }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func wrong(_ key: String, _ detail: String) -> Problem { .invalid(path(key), detail) }
}
