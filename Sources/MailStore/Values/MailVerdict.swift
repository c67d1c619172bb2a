package import Bytes

/// What the filters made of a mail before it was stored; kept with each message.
package struct MailVerdict: Hashable, Sendable {
  package enum Action: UInt8, CaseIterable, Sendable {
    case deliver = 0
    case spam = 1
    /// To the error queue, from which an operator released or drops it.
    case quarantine = 2

    package var name: String {
      switch self {
      case .deliver: "deliver"
      case .spam: "spam"
      case .quarantine: "quarantine"
      }
    }
  }

  /// One thing that a filter noticed.
  package struct Symbol: Hashable, Sendable {
    /// In the filter's own spelling: `BAYES_SPAM`, `MAILDEX_EXECUTABLE`.
    package let name: String
    /// What it adds to the mail's score; negative for what speaks for the mail.
    package let score: Double

    package init(name: String, score: Double) {
      self.name = name
      self.score = score
    }
  }

  package let action: Action
  /// The sum over all filters; higher is worse.
  package let score: Double
  package let symbols: [Symbol]
  /// Which filters looked, in their order: `built-in, rspamd, clamd`.
  package let by: String
  /// Why it is what it is, for people; empty for a mail that was delivered without remark.
  package let reason: String

  package init(action: Action, score: Double, symbols: [Symbol], by: String, reason: String = "") {
    self.action = action
    self.score = score
    self.symbols = symbols
    self.by = by
    self.reason = reason
  }
}

extension MailVerdict {
  package func encode(into writer: inout ByteWriter) {
    writer.write(action.rawValue)
    writer.write(score.bitPattern)
    writer.writeVarint(symbols.count)
    for symbol in symbols {
      writer.writeLengthPrefixed(symbol.name)
      writer.write(symbol.score.bitPattern)
    }
    writer.writeLengthPrefixed(by)
    writer.writeLengthPrefixed(reason)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let byte = try reader.readUInt8()
    guard let action = Action(rawValue: byte) else {
      throw DecodingError(offset: reader.offset - 1, message: "expected a verdict's action, 0 to 2, found \(byte)")
    }
    let score = Double(bitPattern: try reader.readUInt64())
    var symbols: [Symbol] = []
    for _ in 0..<(try reader.readCount()) {
      symbols.append(Symbol(name: try reader.readString(), score: Double(bitPattern: try reader.readUInt64())))
    }
    self.init(
      action: action, score: score, symbols: symbols, by: try reader.readString(), reason: try reader.readString())
  }
}
