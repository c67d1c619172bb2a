import Bytes
import Index

extension QueryNode {
  /// The same bytes for the same query in every process and release: what a cursor's code is computed over.
  var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }

  private func encode(into writer: inout ByteWriter) {
    func leaf(_ kind: String, _ value: String = "") {
      writer.writeLengthPrefixed(kind)
      writer.writeLengthPrefixed(value)
    }
    switch self {
    case .all: leaf("all")
    case .and, .or, .not:
      leaf(isAnd ? "and" : isOr ? "or" : "not", String(children.count))
      for child in children { child.encode(into: &writer) }
    case .text(let field, let text):
      leaf("text", field?.rawValue ?? "")
      leaf(text.kind.rawValue, text.text)
      if let neighbour = text.neighbour {
        leaf("around", String(neighbour.distance))
        leaf(neighbour.query.kind.rawValue, neighbour.query.text)
      }
    case .folder(let name, _): leaf("folder", name)
    case .anywhere: leaf("anywhere")
    case .flag(let flag): leaf("flag", flag.rawValue)
    case .label(let name, _): leaf("label", name)
    case .hasAttachment: leaf("attachment")
    case .hasFile(let kind): leaf("file", kind.name)
    case .sender(let address): leaf("sender", address)
    case .before(let date): leaf("before", date.description)
    case .after(let date): leaf("after", date.description)
    case .on(let date): leaf("on", date.description)
    case .date(let range): leaf("date", range.description)
    case .olderThan(let age): leaf("older", age.description)
    case .newerThan(let age): leaf("newer", age.description)
    case .larger(let size): leaf("larger", String(size))
    case .smaller(let size): leaf("smaller", String(size))
    case .messageID(let id): leaf("id", id)
    case .thread(let id): leaf("thread", id)
    case .header(let header): leaf("header", header.description)
    }
  }

  private var isAnd: Bool { if case .and = self { true } else { false } }
  private var isOr: Bool { if case .or = self { true } else { false } }
}
