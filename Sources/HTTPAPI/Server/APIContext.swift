package import Hummingbird
package import MailStore

/// What goes with a request on its way to a handler.
package struct APIContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// Who asks; nil on routes that are open.
  package var user: UserRecord?

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
  }

  /// Who asks, on routes that are not open.
  package var knownUser: UserRecord {
    get throws {
      guard let user else { throw Problem(.unauthorized, "This address needs a user.") }
      return user
    }
  }
}
