package import MailStore

/// Mail goes from the inbound queue to here, and from here to mailboxes, and is at both places while it goes: so it is found whichever
/// of them is asked first.
extension ErrorQueue: PackHolder {
  package var name: String { "error queue" }

  package func heldReferences() throws -> [BlobReference] { try originals() }
}
