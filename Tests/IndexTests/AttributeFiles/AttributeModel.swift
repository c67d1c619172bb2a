import Analysis
import Bytes
import TestSupport
import Testing

@testable import Index

/// What the rows of a shard would say, and the change stream that they come of: the authority that the index's attributes are
/// held against.
final class AttributeModel {
  struct Record {
    let sequence: UInt64
    let mutations: [IndexMutation]
    let userSequences: [UserID: SequenceNumber]
  }

  private(set) var users: [UserID: [UInt32: DocumentAttributes]] = [:]
  private(set) var userSequences: [UserID: SequenceNumber] = [:]
  private(set) var records: [Record] = []
  private(set) var removed: Set<UserID> = []
  private var lastDocIDs: [UserID: UInt32] = [:]
  private let record: EncodedRecord
  /// Times that rows were read.
  private(set) var readCount = 0

  init(_ analyzers: AnalyzerSet) { record = EncodedRecord.make(Samples.record("mail"), analyzers) }

  var sequence: UInt64 { records.last?.sequence ?? 0 }

  func rows(of user: UserID) -> AttributeRows {
    readCount += 1
    var builder = UserAttributesBuilder()
    for (docID, attributes) in (users[user] ?? [:]).sorted(by: { $0.key < $1.key }) {
      builder.append(DocID(rawValue: docID), attributes)
    }
    return AttributeRows(
      through: SequenceNumber(rawValue: sequence), userSequence: userSequences[user] ?? .zero,
      attributes: builder.finish())
  }

  // MARK: Changes

  @discardableResult
  func add(_ count: Int, to user: UserID, _ random: inout SeededGenerator) -> Record {
    commit(
      (0..<count).map { _ in
        let docID = (lastDocIDs[user] ?? 0) + 1
        lastDocIDs[user] = docID
        return .add(user, DocID(rawValue: docID), AttributeBlockTests.random(docID, &random), record)
      })
  }

  func change(_ count: Int, of user: UserID, _ random: inout SeededGenerator) -> Record? {
    let some = (users[user] ?? [:]).keys.sorted().shuffled(using: &random).prefix(count)
    if some.isEmpty { return nil }
    return commit(
      some.map { docID in
        var attributes = AttributeBlockTests.random(docID, &random)
        attributes.receivedAt = users[user]?[docID]?.receivedAt ?? attributes.receivedAt
        return .setAttributes(user, DocID(rawValue: docID), attributes)
      })
  }

  func remove(_ count: Int, of user: UserID, _ random: inout SeededGenerator) -> Record? {
    let some = (users[user] ?? [:]).keys.sorted().shuffled(using: &random).prefix(count)
    if some.isEmpty { return nil }
    return commit(some.map { .remove(user, DocID(rawValue: $0)) })
  }

  func remove(_ user: UserID) -> Record {
    removed.insert(user)
    return commit([.removeUser(user)])
  }

  /// A change that touches no document, as of a folder's name.
  func touch(_ user: UserID) -> Record { commit([], touching: user) }

  private func commit(_ mutations: [IndexMutation], touching touched: UserID? = nil) -> Record {
    for mutation in mutations {
      switch mutation {
      case .add(let user, let docID, let attributes, _), .setAttributes(let user, let docID, let attributes):
        users[user, default: [:]][docID.rawValue] = attributes
      case .remove(let user, let docID): users[user]?[docID.rawValue] = nil
      case .removeUser(let user): users[user] = nil
      case .replaceRecord: break
      }
    }
    var own: [UserID: SequenceNumber] = [:]
    for user in Set(mutations.map(\.user)).union(touched.map { [$0] } ?? []) where !removed.contains(user) {
      userSequences[user] = SequenceNumber(rawValue: (userSequences[user]?.rawValue ?? 0) + 1)
      own[user] = userSequences[user]
    }
    records.append(Record(sequence: sequence + 1, mutations: mutations, userSequences: own))
    return records[records.count - 1]
  }

  // MARK: The index

  func apply(_ record: Record?, to index: ShardIndex) {
    guard let record else { return }
    index.apply(
      record.mutations, shardSequence: SequenceNumber(rawValue: record.sequence), userSequences: record.userSequences)
  }

  /// What the next process does with an index that it has opened.
  func replay(into index: ShardIndex) {
    for record in records where record.sequence > index.appliedSequence.rawValue { apply(record, to: index) }
  }

  func snapshot(of user: UserID, in index: ShardIndex) throws -> UserSnapshot {
    try index.snapshot(of: user) { _ in rows(of: user) }
  }

  /// The index says of the user what the rows say, in memory and on disk.
  func expectEqual(_ user: UserID, in index: ShardIndex, _ place: String) throws {
    let snapshot = try snapshot(of: user, in: index)
    expect(snapshot.attributes, user, place)
    #expect(removed.contains(user) || snapshot.userSequence == userSequences[user] ?? .zero, "\(place), \(user)")
    if let stored = try index.storedAttributes(of: user) {
      expect(stored.attributes, user, "\(place), stored")
      #expect(stored.sequence == userSequences[user] ?? .zero, "\(place), \(user) stored")
    }
  }

  private func expect(_ attributes: UserAttributes, _ user: UserID, _ place: String) {
    let expected = users[user] ?? [:]
    var found: [UInt32: DocumentAttributes] = [:]
    attributes.forEach { found[$0.rawValue] = $1 }
    #expect(found == expected, "\(place), \(user)")
    var order: [DocumentKey] = []
    var position = attributes.startPosition
    while let docID = attributes.next(&position) { order.append(attributes.key(docID)) }
    #expect(order == order.sorted() && order.count == expected.count, "\(place), \(user): order by date")
    for docID in attributes.live.docIDs {
      #expect(attributes.attributes(of: docID) == expected[docID.rawValue], "\(place), \(user) \(docID)")
    }
  }
}
