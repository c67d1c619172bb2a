package import Analysis

/// A searchable part of a text record.
package enum RecordField: UInt8, Sendable, CaseIterable {
  case subject
  case from
  case to
  case cc
  case bcc
  case body
  case filename
  case attachment
  case list
}

/// A set of fields, as bits: the scope of a text leaf.
package struct RecordFields: OptionSet, Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package init(_ field: RecordField) { rawValue = 1 << UInt16(field.rawValue) }

  package static let subject = RecordFields(.subject)
  package static let from = RecordFields(.from)
  package static let to = RecordFields(.to)
  package static let cc = RecordFields(.cc)
  package static let bcc = RecordFields(.bcc)
  package static let body = RecordFields(.body)
  package static let filename = RecordFields(.filename)
  package static let attachment = RecordFields(.attachment)
  package static let list = RecordFields(.list)
  package static let recipients: RecordFields = [.to, .cc, .bcc]
  package static let people: RecordFields = [.from, .recipients]
  /// What a bare word covers.
  package static let all: RecordFields = [.subject, .people, .body, .filename, .attachment]

  // Not those of `OptionSet`: across modules they go by witness tables.
  package func intersection(_ other: RecordFields) -> RecordFields {
    RecordFields(rawValue: rawValue & other.rawValue)
  }
  package mutating func formIntersection(_ other: RecordFields) { self = intersection(other) }
  package var isEmpty: Bool { rawValue == 0 }

  /// Takes the least field out; `nil` where there is none.
  package mutating func popFirst() -> RecordField? {
    guard let field = RecordField(rawValue: UInt8(truncatingIfNeeded: rawValue.trailingZeroBitCount)) else {
      return nil
    }
    self = RecordFields(rawValue: rawValue & (rawValue - 1))
    return field
  }

  package var fields: [RecordField] { RecordField.allCases.filter { contains(RecordFields($0)) } }
}

extension RecordField {
  /// The analyzer that its values go through.
  package var analyzer: AnalyzerRole {
    switch self {
    case .subject, .body, .attachment: .text
    case .from, .to, .cc, .bcc, .list: .address
    case .filename: .filename
    }
  }
}

/// Which analyzer a text value goes through: running text; people and lists (display names as well as addresses); or
/// file names.
package enum AnalyzerRole: UInt8, Sendable, CaseIterable {
  case text
  case address
  case filename
}

extension AnalyzerSet {
  package subscript(role: AnalyzerRole) -> Analyzer {
    switch role {
    case .text: text
    case .address: address
    case .filename: filename
    }
  }
}

extension ExtractedTextRecord {
  /// The values of a field. They are analysed apart, so no phrase spans two of them.
  package func forEachValue(of field: RecordField, _ body: (String) -> Void) {
    switch field {
    case .subject: body(subject)
    case .from: Self.forEachValue(of: from, body)
    case .to: Self.forEachValue(of: to, body)
    case .cc: Self.forEachValue(of: cc, body)
    case .bcc: Self.forEachValue(of: bcc, body)
    case .body: body(self.body)
    case .filename: attachmentNames.forEach(body)
    case .attachment: for attachment in attachmentTexts { body(attachment.text) }
    case .list: if let listID { body(listID) }
    }
  }

  /// A display name and its address are two values.
  private static func forEachValue(of list: [Address], _ body: (String) -> Void) {
    for address in list {
      if let name = address.name, !name.isEmpty { body(name) }
      if !address.address.isEmpty { body(address.address) }
    }
  }
}
