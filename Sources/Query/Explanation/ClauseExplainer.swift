import Analysis
import Bytes
import Index

/// Goes through the clauses of a query and says of each whether one message matches, and why. Follows `AnalyzedQuery` and
/// `QueryBinder` step by step, so that its verdict is the search's.
struct ClauseExplainer {
  private let docID: DocID
  private let snapshot: UserSnapshot
  private let context: SearchContext
  private let analyzers: AnalyzerSet
  private var binder: QueryBinder
  private let cache: RecordCache
  private let deadline: SearchDeadline
  private var leafCount = 0

  init(
    _ docID: DocID, _ snapshot: UserSnapshot, _ context: SearchContext, _ analyzers: AnalyzerSet, _ binder: QueryBinder,
    _ cache: RecordCache, _ deadline: SearchDeadline
  ) {
    self.docID = docID
    self.snapshot = snapshot
    self.context = context
    self.analyzers = analyzers
    self.binder = binder
    self.cache = cache
    self.deadline = deadline
  }

  mutating func verdict(on node: QueryNode) throws -> ClauseVerdict {
    switch node {
    case .and(let nodes):
      return try group(node, nodes) { answers in answers.isEmpty ? nil : answers.allSatisfy { $0 } }
    case .or(let nodes): return try group(node, nodes) { answers in answers.isEmpty ? nil : answers.contains(true) }
    case .not(let inner): return try group(node, [inner]) { answers in answers.first.map { !$0 } }
    case .text(let field, let text): return try textVerdict(node, TextLeaf(text, field, analyzers))
    default: return try filterVerdict(node)
    }
  }

  /// Clauses that ask nothing count for nothing.
  private mutating func group(
    _ node: QueryNode, _ nodes: [QueryNode], _ combine: ([Bool]) -> Bool?
  ) throws -> ClauseVerdict {
    var verdict = ClauseVerdict(clause: node.clause)
    for node in nodes { verdict.children.append(try self.verdict(on: node)) }
    let known = verdict.children.filter { !$0.isUnknown }.compactMap(\.matches)
    verdict.matches = combine(known)
    guard verdict.children.contains(where: \.isUnknown) else { return verdict }
    // What is not known decides nothing only where it could not change the answer.
    verdict.isUnknown = combine(known + [true]) != combine(known + [false])
    return verdict
  }

  // MARK: Words

  private mutating func textVerdict(_ node: QueryNode, _ leaf: TextLeaf) throws -> ClauseVerdict {
    var verdict = ClauseVerdict(clause: node.clause)
    if leaf.isEmpty {
      verdict.reasons = ["has no letters or digits to look for, and asks nothing"]
      return verdict
    }
    let number = leafCount
    leafCount += 1
    do {
      let matches = try cache.matches(number, docID)
      verdict.matches = matches
      verdict.reasons = try WordReasons(leaf, analyzers, cache.record(docID), deadline).lines(isMatch: matches)
    } catch let error as IndexError where error.code == .missingRecord || error.code == .corrupt {
      verdict.isUnknown = true
      verdict.reasons = ["its text is not in the index: \(error.message)"]
    }
    return verdict
  }

  // MARK: Filters

  private mutating func filterVerdict(_ node: QueryNode) throws -> ClauseVerdict {
    var verdict = ClauseVerdict(clause: node.clause)
    do {
      verdict.matches = try DocumentMatcher(docID, cache).matches(binder.bind(.filter(node)))
      verdict.reasons = try filterReason(node).map { [$0] } ?? []
    } catch let error as IndexError where error.code == .missingRecord || error.code == .corrupt {
      verdict.isUnknown = true
      verdict.reasons = ["its text is not in the index: \(error.message)"]
    }
    return verdict
  }

  /// The value that the filter looked at.
  private func filterReason(_ node: QueryNode) throws -> String? {
    guard let attributes = snapshot.attributes.attributes(of: docID) else { return nil }
    switch node {
    case .folder: return "it is in \(folderName)"
    case .flag(.read), .flag(.unread): return attributes.flags.contains(.isRead) ? "it is read" : "it is unread"
    case .flag(.starred): return attributes.flags.contains(.isStarred) ? "it is starred" : "it is not starred"
    case .flag(.replied): return attributes.flags.contains(.isReplied) ? "it is replied to" : "it is not replied to"
    case .label:
      return attributes.labels.isEmpty
        ? "it has no labels" : "its labels are " + attributes.labels.sorted().joined(separator: ", ")
    case .hasAttachment: return attributes.flags.contains(.hasAttachment) ? "it has one" : "it has none"
    case .hasFile:
      let own = try cache.record(docID).kinds
      let kinds = FileKind.allCases.filter { own.contains(FileKinds($0)) }
      return kinds.isEmpty ? "it has no files of a known kind" : "it has " + kinds.map(\.name).joined(separator: ", ")
    case .sender:
      let sender = try cache.record(docID).senderAddress
      return sender.isEmpty ? "it has no sender" : "it is from \(sender)"
    case .before, .after, .on, .date, .olderThan, .newerThan: return "it was received \(attributes.receivedAt.utc)"
    case .larger, .smaller: return "it has \(attributes.size) bytes"
    case .messageID:
      return try cache.record(docID).messageID.map { "its Message-ID is \($0)" } ?? "it has no Message-ID"
    case .header(let header):
      let values = try context.headers(docID).filter { $0.name == header.name }.map(\.value)
      return values.isEmpty
        ? "it has no \(header.name)" : values.map { "it has \(header.name): \($0)" }.joined(separator: ", ")
    case .thread: return "it is in thread \(attributes.thread)"
    case .all, .anywhere, .and, .or, .not, .text: return nil
    }
  }

  /// The folder that holds the message.
  var folderName: String {
    guard let attributes = snapshot.attributes.attributes(of: docID) else { return "no folder" }
    return context.folders.first { $0.id == attributes.folder }?.name ?? "folder \(attributes.folder)"
  }
}
