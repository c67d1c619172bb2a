import Bytes
import ServiceLifecycle
import UnixSignals

/// SIGHUP reads the policy again, as it does in daemons since there were terminals to hang up. What became of it is in the log.
struct HangupReload: Service {
  private let hangups: UnixSignalsSequence
  private let reload: PolicyReload
  private let threads: BlockingThreads

  /// From here on the signal does not end the process any more.
  init(_ reload: PolicyReload, on threads: BlockingThreads) async {
    hangups = await UnixSignalsSequence(trapping: .sighup)
    self.reload = reload
    self.threads = threads
  }

  func run() async {
    for await _ in hangups.cancelOnGracefulShutdown() {
      _ = try? await threads.run { [reload] in try reload.run() }
    }
  }
}
