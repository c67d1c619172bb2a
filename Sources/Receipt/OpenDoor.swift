import NIOCore

/// A door whose address is taken.
struct OpenDoor: Sendable {
  let channel: any Channel
  /// With the port that the system chose.
  let address: Door.Address
  private let socketFile: SocketFile?

  init(_ door: Door, _ channel: any Channel) {
    self.channel = channel
    address = door.address.bound(as: channel.localAddress)
    socketFile = door.address.path.flatMap { SocketFile($0) }
  }

  /// The file goes first: while the socket is open, no other file can have its inode.
  func close() async {
    socketFile?.remove()
    try? await channel.close().get()
  }
}
