import Bytes
import Index

/// A node of a query whose words, names and dates have their meaning for one user. What it means of each document is
/// decided where the documents are: see `SliceBinder`.
enum BoundNode {
  /// A filter: the documents, live or not, that it lets through.
  case documents(DocIDBitmap)
  /// A leaf by its number in the record cache.
  case text(Int)
  case messageID(String)
  case column(ColumnFilter)
  case header(HeaderQuery)
  case and([BoundNode])
  case or([BoundNode])
  indirect case not(BoundNode)

  /// Whether only the text can tell.
  var needsText: Bool {
    switch self {
    case .documents: false
    case .text, .messageID, .column, .header: true
    case .and(let nodes), .or(let nodes): nodes.contains(where: \.needsText)
    case .not(let node): node.needsText
    }
  }

  /// Whether the mail itself may have to be read.
  var readsHeader: Bool {
    switch self {
    case .documents, .text, .messageID, .column: false
    case .header: true
    case .and(let nodes), .or(let nodes): nodes.contains(where: \.readsHeader)
    case .not(let node): node.readsHeader
    }
  }

  /// The matches among `all`; of a node that needs no text.
  func documents(of all: DocIDBitmap) -> DocIDBitmap {
    switch self {
    case .documents(let documents): return all.intersection(documents)
    case .and(let nodes): return nodes.reduce(all) { $1.documents(of: $0) }
    case .or(let nodes): return nodes.reduce(DocIDBitmap()) { $0.union($1.documents(of: all)) }
    case .not(let node): return all.subtracting(node.documents(of: all))
    case .text, .messageID, .column, .header: preconditionFailure("text is searched, not looked up")
    }
  }
}
