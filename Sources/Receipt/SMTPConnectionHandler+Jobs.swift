import Bytes
import Logging
import MailStore
import NIOCore
import SMTP

/// The work that waits: looking up recipients, spooling and accepting content. Each piece is one job, and comes back to
/// the event loop as one event of the session.
extension SMTPConnectionHandler {
  func resolve(_ address: String) -> SMTPSession.Event? {
    let policy = policy.recipients
    guard shared.rates.takeRecipient(from: rateKey, limit: limits.recipientsPerMinute, now: now) else {
      return .recipientResolved(.tooManyOfClient)
    }
    if let resolution = shared.receiver.resolveNow(address, by: policy) {
      return .recipientResolved(admitted(resolution, at: address))
    }
    let receiver = shared.receiver
    run {
      await receiver.resolve(address, by: policy)
    } then: { handler, resolution in
      handler.resume(with: .recipientResolved(handler.admitted(resolution, at: address)))
    }
    return nil
  }

  func perform(_ step: ContentIntake.Step) {
    switch step {
    case .nothing: break
    case .write(let spool, let bytes): spoolOut(bytes, to: spool)
    case .accept(let envelope, let spool, let bytes): accept(envelope, spool, bytes)
    case .discard(let spool): run({ await spool.discard() }, then: { _, _ in })
    case .endedChunk: resume(with: .chunkStored)
    }
  }

  private func spoolOut(_ bytes: [UInt8], to existing: (any MailSpool)?) {
    let receiver = shared.receiver
    run {
      await Self.append(bytes, to: existing, or: receiver)
    } then: { handler, result in
      switch result {
      case .success(let spool):
        handler.perform(handler.intake.written(to: spool))
      case .failure(let error):
        handler.intake.writeFailed()
        handler.storeFailed(error)
      }
    }
  }

  /// Leaves no spool behind when it fails.
  private static func append(
    _ bytes: [UInt8], to existing: (any MailSpool)?, or receiver: any MailReceiver
  ) async -> Result<any MailSpool, any Error> {
    var opened = existing
    do {
      let spool = if let existing { existing } else { try await receiver.makeSpool() }
      opened = spool
      try await spool.append(bytes)
      return .success(spool)
    } catch {
      await opened?.discard()
      return .failure(error)
    }
  }

  private func accept(_ envelope: SMTPEnvelope, _ spool: (any MailSpool)?, _ bytes: [UInt8]) {
    let receiver = shared.receiver
    let inbound = InboundEnvelope(envelope, from: client.text, at: shared.clock.now())
    run {
      await Self.accept(inbound, spool, bytes, by: receiver)
    } then: { handler, result in
      switch result {
      case .success(let item):
        handler.logQueued(item, inbound)
        handler.expectMail(from: handler.lastActivity)
        handler.resume(with: .dataAccepted(queueID: String(item.rawValue)))
      case .failure(let error): handler.storeFailed(error)
      }
    }
  }

  private static func accept(
    _ envelope: InboundEnvelope, _ spool: (any MailSpool)?, _ bytes: [UInt8], by receiver: any MailReceiver
  ) async -> Result<QueueItemID, any Error> {
    var content = ReceivedContent.inline(bytes)
    if let spool {
      do {
        if !bytes.isEmpty { try await spool.append(bytes) }
        content = try await spool.finish()
      } catch {
        await spool.discard()
        return .failure(error)
      }
    }
    do {
      return .success(try await receiver.accept(envelope, content))
    } catch {
      return .failure(error)
    }
  }

  private func storeFailed(_ error: any Error) {
    let metadata: Logger.Metadata = ["client": "\(client.text)", "error": "\(error)"]
    if error is MailRefusal {
      shared.logger.notice("mail not accepted", metadata: metadata)
    } else {
      shared.logger.error("mail not stored", metadata: metadata)
    }
    resume(with: .dataRefused(SMTPSession.DataRefusal(error)))
  }

  func resume(with event: SMTPSession.Event) {
    if !isEnding { process(event) }
  }

  /// Runs `work` as a job and comes back to the event loop with what it returns, also when the channel is gone by then.
  func run<Value: Sendable>(
    _ work: @escaping @Sendable () async -> Value, then: @escaping @Sendable (SMTPConnectionHandler, Value) -> Void
  ) {
    guard let channel else { return }
    let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    let start = channel.eventLoop.now
    jobCount += 1
    shared.jobs.add {
      let value = await work()
      channel.eventLoop.execute {
        let handler = bound.value
        handler.jobCount -= 1
        handler.lastActivity = channel.eventLoop.now
        handler.mailDeadline = handler.mailDeadline + (channel.eventLoop.now - start)
        then(handler, value)
        handler.takeHeldInput()
        handler.readIfWanted()
        handler.leaveIfDone(channel)
      }
    }
  }

  /// A connection counts until it can add no more jobs.
  func leaveIfDone(_ channel: any Channel) {
    if context == nil, jobCount == 0 { shared.connections.remove(channel) }
  }

  private func logQueued(_ item: QueueItemID, _ envelope: InboundEnvelope) {
    let addresses = envelope.addresses
    var metadata: Logger.Metadata = [
      "queue_id": "\(item.rawValue)", "client": "\(client.text)", "helo": "\(envelope.heloName)",
      "recipients": "\(addresses.count)", "users": "\(envelope.users.count)",
    ]
    if shared.configuration.logsAddresses {
      metadata["from"] = "<\(envelope.reversePath)>"
      metadata["to"] = .array(addresses.map { "<\($0)>" })
    }
    shared.logger.info("mail queued", metadata: metadata)
  }
}
