/// Which filters there are and how they are asked: the section `filters` of the configuration.
package struct FilterConfiguration: Hashable, Sendable {
  /// When mails are filtered.
  package enum Mode: String, CaseIterable, Hashable, Sendable {
    /// After the 250, before they are stored.
    case queue
    /// Before the 250, so that the sender hears of what is refused.
    case session
  }

  package struct Rspamd: Hashable, Sendable {
    package var rspamd = RspamdOptions()
    package var options = FilterOptions()

    package init() { options.timeout = .seconds(15) }
  }

  package struct Clamd: Hashable, Sendable {
    package var clamd = ClamdOptions()
    package var options = FilterOptions()

    package init() {}
  }

  package var mode = Mode.queue
  /// Nil where it is not asked, as for the others.
  package var builtIn: BuiltInOptions? = BuiltInOptions()
  package var rspamd: Rspamd?
  package var clamd: Clamd?

  package init() {}
}
