/// One thing that the built-in filter noticed.
struct Suspicion: Hashable, Sendable {
  /// Numbered, for the answer of the process that unpacks archives.
  enum Kind: UInt8, CaseIterable, Sendable {
    case eicar = 1
    case executable
    case executableName
    case doubleExtension
    case deceptiveName
    case encryptedArchive
    /// Damaged, or beyond a limit.
    case unreadArchive
    case archiveBomb
    case noFrom
    case severalFrom
    case severalAuthors
    case nameIsAddress
    case ownDomain
    case noDate
    case noMessageID
    case repeatedField
    case nulByte
  }

  /// Which of the operator's choices counts.
  enum Topic: Sendable {
    case eicar, executables, encryptedArchives, forgeries
  }

  let kind: Kind
  /// For people: the file's name, the address; may be empty.
  let detail: String

  init(_ kind: Kind, _ detail: String = "") {
    self.kind = kind
    self.detail = SafeText.line(detail, limit: Self.detailByteCount)
  }

  static let detailByteCount = 200
}

extension Suspicion.Kind {
  var symbol: String {
    switch self {
    case .eicar: "MAILDEX_EICAR"
    case .executable: "MAILDEX_EXECUTABLE"
    case .executableName: "MAILDEX_EXECUTABLE_NAME"
    case .doubleExtension: "MAILDEX_DOUBLE_EXTENSION"
    case .deceptiveName: "MAILDEX_DECEPTIVE_NAME"
    case .encryptedArchive: "MAILDEX_ENCRYPTED_ARCHIVE"
    case .unreadArchive: "MAILDEX_UNREAD_ARCHIVE"
    case .archiveBomb: "MAILDEX_ARCHIVE_BOMB"
    case .noFrom: "MAILDEX_NO_FROM"
    case .severalFrom: "MAILDEX_SEVERAL_FROM"
    case .severalAuthors: "MAILDEX_SEVERAL_AUTHORS"
    case .nameIsAddress: "MAILDEX_NAME_IS_ADDRESS"
    case .ownDomain: "MAILDEX_OWN_DOMAIN"
    case .noDate: "MAILDEX_NO_DATE"
    case .noMessageID: "MAILDEX_NO_MESSAGE_ID"
    case .repeatedField: "MAILDEX_REPEATED_FIELD"
    case .nulByte: "MAILDEX_NUL_BYTE"
    }
  }

  var score: Double {
    switch self {
    case .eicar: 20
    case .executable, .executableName: 10
    case .archiveBomb, .ownDomain: 5
    case .doubleExtension, .deceptiveName, .severalFrom, .nameIsAddress: 3
    case .noFrom: 2
    case .encryptedArchive, .unreadArchive, .severalAuthors, .repeatedField, .nulByte: 1
    case .noDate, .noMessageID: 0.5
    }
  }

  var topic: Suspicion.Topic {
    switch self {
    case .eicar: .eicar
    case .executable, .executableName, .doubleExtension, .archiveBomb: .executables
    case .encryptedArchive, .unreadArchive: .encryptedArchives
    case .deceptiveName, .noFrom, .severalFrom, .severalAuthors, .nameIsAddress, .ownDomain, .noDate, .noMessageID,
      .repeatedField, .nulByte:
      .forgeries
    }
  }
}
