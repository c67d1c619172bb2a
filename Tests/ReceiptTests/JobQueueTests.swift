import Testing

@testable import Receipt

@Suite(.timeLimit(.minutes(30)))
struct JobQueueTests {
  @Test func `a job that is added after the cancellation is run all the same, and knows`() async {
    let queue = JobQueue()
    let (events, continuation) = AsyncStream.makeStream(of: String.self)
    var course = events.makeAsyncIterator()
    await withTaskGroup { group in
      group.addTask {
        await queue.run()
        continuation.finish()
      }
      queue.add { continuation.yield("first") }
      #expect(await course.next() == "first")
      group.cancelAll()
      queue.add { continuation.yield(Task.isCancelled ? "cancelled" : "not cancelled") }
      queue.finish()
      #expect(await course.next() == "cancelled")
      #expect(await course.next() == nil)
    }
  }
}
