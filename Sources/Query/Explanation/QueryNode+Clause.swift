extension QueryNode {
  /// A leaf as it would be typed, for explanations; of a group only what kind it is.
  var clause: String {
    switch self {
    case .all: "everything"
    case .and: "and"
    case .or: "or"
    case .not: "not"
    default: text
    }
  }
}
