package import Bytes

/// What a repair of one shard's index did.
package struct RepairReport: Sendable {
  /// The damaged files, by their names, each with what was wrong with it first.
  package var quarantined: [(name: String, problem: String)] = []
  /// Text records that were moved out of damaged runs as they were.
  package var keptRecords = 0
  /// Those that were made anew from the originals, or of what the rows still know.
  package var remadeRecords = 0
  /// The users of whom some were.
  package var users: Set<UserID> = []
  /// Live documents without a record of which nothing is left anywhere.
  package var lost: [(user: UserID, docID: DocID)] = []
  /// Users whose postings went with a damaged segment; their mail is pending until it is inverted again.
  package var usersWithoutPostings: Set<UserID> = []

  package init() {}

  package var didSomething: Bool { !quarantined.isEmpty || remadeRecords > 0 || !lost.isEmpty }
}
