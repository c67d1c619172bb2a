import Bytes
import Hummingbird
import MailStore

extension MailService {
  /// The message that the path names.
  /// - Throws: `Problem.notFound`, the same for an id that is malformed, unknown, or another user's.
  func requiredMessage(_ context: APIContext) async throws -> PresentedMessage {
    let user = try context.knownUser.id
    guard let id = context.messageID, let message = try await message(id, of: user) else { throw Problem.notFound }
    return message
  }

  /// The folder that `text`, a public id, names.
  /// - Throws: `Problem.notFound`, the same for an id that is malformed, unknown, or another user's.
  func requiredFolder(_ text: String?, of user: UserID) async throws -> FolderSummary {
    // The exact text, not the number it spells: a folder has one name.
    guard let text, let folder = try await folders(of: user).first(where: { $0.row.publicName == text }) else {
      throw Problem.notFound
    }
    return folder
  }

  /// The saved search that `text` names.
  /// - Throws: `Problem.notFound`, the same for an id that is malformed, unknown, or another user's.
  func requiredSearch(_ text: String?, of user: UserID) async throws -> SavedSearch {
    guard let id = text.flatMap({ SavedSearchID($0) }), let search = try await savedSearch(id, of: user) else {
      throw Problem.notFound
    }
    return search
  }
}

extension APIContext {
  /// The `{id}` of the path as a message's or thread's id; nil when it is none.
  var messageID: MessageID? { parameters.get("id").flatMap { MessageID($0) } }
}
