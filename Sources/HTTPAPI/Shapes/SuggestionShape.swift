extension SearchSuggestion {
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("kind", .string(kind.rawValue)), .init("text", .string(text)), .init("query", .string(query)),
    ]
    if let name { members.append(.init("name", .string(name))) }
    return .object(members)
  }
}
