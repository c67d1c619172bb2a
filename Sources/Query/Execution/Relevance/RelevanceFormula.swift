import Bytes
import Foundation
import Index

/// How relevant a mail is: Okapi BM25 over weighted fields, more for new mail and for people whom the user writes to.
///
///     score  := Σ over the words idf · w / (w + k1 · (1 - b + b · words / 256)), 1 where the query has no words
///               · (1 + 1 / (1 + age / 180 days)) · (1.5 for a correspondent's mail)
///     w      := Σ over the fields weight · occurrences, at most 255 of them in a field
///     idf    := ln(1 + (N - n + 1/2) / (n + 1/2)), of n mails of N that hold the word
///
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), §3.4 for the parameters and §3.6 for
/// fields. The length of a usual mail is a constant: with the mailbox's mean, a mail's score would change with every other mail.
enum RelevanceFormula {
  /// How soon more occurrences count no more.
  private static let saturation: Float = 1.2
  /// How much a long mail is held against its words. Less than the customary 0.75: quoted text makes mails long, not vague.
  private static let lengthShare: Float = 0.35
  private static let usualWordCount: Float = 256
  private static let occurrenceLimit = 255
  /// In which what is added for new mail is half of it.
  private static let recencyHalfLife: Float = 180 * 86_400_000
  static let correspondentFactor: Float = 1.5

  /// What so many occurrences in a field add to `w` above.
  static func weight(of field: RecordField, occurrences: Int) -> Float {
    weight(of: field) * Float(min(occurrences, occurrenceLimit))
  }

  private static func weight(of field: RecordField) -> Float {
    switch field {
    case .subject: 4
    case .from: 3
    case .to, .cc, .bcc, .filename: 2
    case .body, .list: 1
    case .attachment: 0.5
    }
  }

  static func inverseDocumentFrequency(of count: Int, among all: Int) -> Float {
    // A count may say too much, never more than there are.
    let count = min(count, all)
    return Float(log(1 + (Double(all - count) + 0.5) / (Double(count) + 0.5)))
  }

  /// - Parameter weight: `w` above.
  static func share(_ weight: Float, wordCount: Int) -> Float {
    weight / (weight + saturation * (1 - lengthShare + lengthShare * Float(wordCount) / usualWordCount))
  }

  /// What mail of that age is multiplied with: from 2 down to 1.
  static func recency(of receivedAt: Timestamp, at now: Timestamp) -> Float {
    let age = max(0, Double(now.rawValue) - Double(receivedAt.rawValue))
    return 1 + 1 / (1 + Float(age) / recencyHalfLife)
  }
}
