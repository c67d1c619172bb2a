import Bytes

/// What readers and the writer of a shard share, behind one lock that is held for moments and never across I/O.
struct ShardState {
  struct LoadedUser {
    /// Another one each time that the user is loaded.
    let installation: UInt64
    var attributes: UserAttributes
    var sequence: SequenceNumber
    var byteCount: Int
    var changesSinceMeasured = 0
    var lastUse: UInt64
    /// No attribute file tells all of the user: the next flush writes it.
    var needsBase = false
    /// Of this state of the user and of the files, once somebody asked for it.
    var snapshot: UserSnapshot?
    /// What the snapshot's text takes, once somebody searched it.
    var textByteCount = 0

    /// Notes a use. Mutating, so that the snapshot is got without a copy of all the rest.
    mutating func use(_ number: UInt64) -> UserSnapshot? {
      lastUse = number
      return snapshot
    }
  }

  /// Takes new records.
  var arena = RecordArena()
  /// Being flushed, oldest first; read by snapshots until the run that holds their records is published.
  var frozen: [RecordArena] = []
  private(set) var version: IndexVersion
  /// What has become of documents since the last flush, and what of it is being flushed, oldest first.
  var attributeArena = AttributeArena()
  var frozenAttributes: [AttributeArena] = []
  /// Oldest first.
  var attributeFiles: [AttributeFileReader]
  /// Users who are being loaded, and what has become of their documents since that began.
  var loading: [UserID: AttributeLog] = [:]
  /// The last of which anything is in the arenas or the files.
  var seenSequence: SequenceNumber
  /// The last of which anything is in the attribute files; all that is later is in the arenas too.
  var fileSequence: SequenceNumber
  var users: [UserID: LoadedUser] = [:]
  var loadedByteCount = 0
  /// Of loaded users of whom no attribute file tells all.
  private(set) var baseByteCount = 0
  private var useCount: UInt64 = 0
  /// Applied in memory; the manifest holds the durable one.
  var appliedSequence: SequenceNumber
  var durableSequence: SequenceNumber
  var removedUsers: Set<UserID>

  init(version: IndexVersion, attributeFiles: [AttributeFileReader], manifest: Manifest) {
    self.version = version
    self.attributeFiles = attributeFiles
    seenSequence = manifest.appliedSequence
    fileSequence = manifest.appliedSequence
    appliedSequence = manifest.appliedSequence
    durableSequence = manifest.appliedSequence
    removedUsers = Set(manifest.removedUsers)
  }

  mutating func nextUse() -> UInt64 {
    useCount += 1
    return useCount
  }

  /// The records of a user in the arenas, oldest first.
  func arenas(of user: UserID) -> [UserArena] { (frozen + [arena]).compactMap { $0.users[user] } }

  /// Applies one mutation to the arena.
  mutating func applyToArena(_ mutation: IndexMutation) {
    switch mutation {
    case .add(let user, let docID, _, let record), .replaceRecord(let user, let docID, let record):
      arena.put(user, docID, record)
    case .remove(let user, let docID):
      arena.remove(user, docID)
      for index in frozen.indices { frozen[index].remove(user, docID) }
    case .removeUser(let user):
      arena.remove(user)
      for index in frozen.indices { frozen[index].remove(user) }
      attributeArena.remove(user)
      for index in frozenAttributes.indices { frozenAttributes[index].remove(user) }
      unload(user)
      removedUsers.insert(user)
    case .setAttributes:
      break
    }
  }

  /// - Parameter byteCount: that of the attributes.
  mutating func install(
    _ user: UserID, _ attributes: UserAttributes, _ sequence: SequenceNumber, byteCount: Int, needsBase: Bool
  ) {
    unload(user)
    let use = nextUse()
    users[user] = LoadedUser(
      installation: use, attributes: attributes, sequence: sequence, byteCount: byteCount, lastUse: use,
      needsBase: needsBase)
    loadedByteCount += byteCount
    if needsBase { baseByteCount += byteCount }
  }

  mutating func unload(_ user: UserID) {
    guard let loaded = users.removeValue(forKey: user) else { return }
    loadedByteCount -= loaded.byteCount + loaded.textByteCount
    if loaded.needsBase { baseByteCount -= loaded.byteCount }
  }

  /// Whether some attribute file tells all of the user.
  mutating func setNeedsBase(_ user: UserID, _ needsBase: Bool) {
    guard let place = users.index(forKey: user), users.values[place].needsBase != needsBase else { return }
    users.values[place].needsBase = needsBase
    baseByteCount += needsBase ? users.values[place].byteCount : -users.values[place].byteCount
  }

  /// Takes note of what has become of documents, for the next flush and for who is loading the user.
  mutating func note(_ user: UserID, _ changes: AttributeLog) {
    if changes.isEmpty || removedUsers.contains(user) { return }
    attributeArena.append(user, changes)
    loading[user]?.append(changes)
  }

  /// Takes note of a change that touched no document.
  mutating func note(_ user: UserID, _ sequence: SequenceNumber) {
    let known = attributeArena.users[user]?.sequence ?? users[user]?.sequence
    if known != sequence { note(user, AttributeLog([], sequence: sequence)) }
  }

  /// Lets go of what searches of the user share: before the user changes, or it would be copied.
  mutating func forgetSnapshot(_ user: UserID) {
    guard let place = users.index(forKey: user) else { return }
    loadedByteCount -= users.values[place].textByteCount
    users.values[place].textByteCount = 0
    users.values[place].snapshot = nil
  }

  /// Counts the text that a snapshot has made.
  mutating func noteText(_ snapshot: UserSnapshot, _ byteCount: Int) {
    guard let place = users.index(forKey: snapshot.user), users.values[place].snapshot === snapshot else { return }
    loadedByteCount += byteCount - users.values[place].textByteCount
    users.values[place].textByteCount = byteCount
  }

  /// Snapshots of users whose files are the same ones stay: they keep no file open that is not in the new version.
  ///
  /// - Returns: those of the others, which would keep files open that are no more: to be let go outside the lock.
  mutating func replaceVersion(_ next: IndexVersion) -> [UserSnapshot] {
    let difference = VersionDifference(from: version, to: next)
    version = next
    var snapshots: [UserSnapshot] = []
    for place in users.values.indices {
      guard let snapshot = users.values[place].snapshot,
        !snapshot.arenas.isEmpty || difference.concerns(snapshot.user)
      else { continue }
      snapshots.append(snapshot)
      loadedByteCount -= users.values[place].textByteCount
      users.values[place].textByteCount = 0
      users.values[place].snapshot = nil
    }
    return snapshots
  }

  /// After changes of a user: measures the user again now and then, so that the budget follows growth.
  mutating func noteChanges(_ user: UserID, _ count: Int) {
    forgetSnapshot(user)
    guard var changes = users[user]?.changesSinceMeasured else { return }
    changes += count
    if changes >= 256, let attributes = users[user]?.attributes {
      let byteCount = attributes.byteCount
      let growth = byteCount - (users[user]?.byteCount ?? 0)
      loadedByteCount += growth
      if users[user]?.needsBase == true { baseByteCount += growth }
      users[user]?.byteCount = byteCount
      changes = 0
    }
    users[user]?.changesSinceMeasured = changes
  }

  /// Unloads the users searched longest ago until the rest fits, but for `kept`. Then with some room to spare: not every user
  /// who is loaded next looks through all of them.
  mutating func evict(downTo budget: Int, keeping kept: UserID?) {
    guard loadedByteCount > budget else { return }
    let oldestFirst = users.map { (use: $0.value.lastUse, user: $0.key) }.sorted { $0.use < $1.use }
    for (_, user) in oldestFirst where user != kept {
      if loadedByteCount <= budget - budget / 8 { return }
      unload(user)
    }
  }
}

extension UserAttributes {
  mutating func apply(_ mutation: IndexMutation) {
    switch mutation {
    case .add(_, let docID, let attributes, _), .setAttributes(_, let docID, let attributes): set(docID, attributes)
    case .remove(_, let docID): remove(docID)
    case .removeUser, .replaceRecord: break
    }
  }
}
