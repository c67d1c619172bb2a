import Bytes

/// The policy in force, and the place where a new one takes its place. Sessions look at it when a transaction begins, and
/// keep to what they found until the next does.
package final class CurrentPolicy: Sendable {
  private let policy: Locked<ReceiptPolicy>

  package init(_ policy: ReceiptPolicy = ReceiptPolicy()) { self.policy = Locked(policy) }

  package var value: ReceiptPolicy { policy.withLock { $0 } }

  package func replace(with new: ReceiptPolicy) { policy.withLock { $0 = new } }
}
