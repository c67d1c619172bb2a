"""Thousands of SMTP connections out of one process of its own, which does little: idle ones, and ones that send a byte now and then."""
import collections
import multiprocessing
import resource
import selectors
import socket
import time

from server import Trouble

CONNECTING = 400  # at once; a listener's backlog is longer


def raise_file_limit(count):
    """For this process and those that it starts, the server among them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        raise Trouble(f"{count} open files are needed, and the limit is {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


class Script:
    """What a connection says. `opening` is a list of commands, each sent after the reply to the one before; then bytes of `rest`, one
    each `interval` seconds and over and over, or nothing where it is empty."""

    def __init__(self, kind, source, opening, rest=b"", before=b""):
        self.kind, self.source, self.opening, self.rest, self.before = kind, source, opening, rest, before


class Peer:
    def __init__(self, script):
        self.script = script
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.state = "connecting"
        self.said = 0  # commands of the opening
        self.position = 0
        self.last = b""

    def connect(self, address):
        self.socket.bind((self.script.source, 0))
        self.socket.connect_ex(address)

    def connected(self):
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            return self.end("not_connected")
        self.state = "opening"
        if self.script.before:
            self.socket.send(self.script.before)

    def readable(self):
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.end("refused" if self.state == "opening" and not self.said else "closed")
        self.last = data
        if data.startswith((b"421", b"554")):
            late = self.state == "slow" or self.said
            return self.end("timed_out" if late else "refused")
        if self.state != "opening":
            return
        # Only the end of a reply counts: the last line has a space behind its code.
        if data.endswith(b"\n") and data.splitlines()[-1][3:4] == b" ":
            if self.said == len(self.script.opening):
                self.state = "slow"
            else:
                self.socket.send(self.script.opening[self.said])
                self.said += 1

    def say_byte(self):
        rest = self.script.rest
        if self.state != "slow" or not rest:
            return
        try:
            self.socket.send(rest[self.position % len(rest):][:1])
        except OSError:
            return self.end("closed")
        self.position += 1

    def end(self, state):
        self.state = state
        self.socket.close()


def drive(address, scripts, interval, pipe):
    """The other process: connects all, says so, goes on until it is told to end, and tells the states."""
    raise_file_limit(len(scripts) + 100)
    selector = selectors.DefaultSelector()
    waiting = [Peer(script) for script in reversed(scripts)]
    peers, began, is_announced = [], time.monotonic(), False
    settled, turn = 0, 0
    while not pipe.poll():
        unsettled = sum(peer.state in ("connecting", "opening") for peer in peers) if settled < len(scripts) else 0
        while waiting and unsettled < CONNECTING:
            peer = waiting.pop()
            peer.connect(address)
            selector.register(peer.socket, selectors.EVENT_WRITE, peer)
            peers.append(peer)
            unsettled += 1
        settled = len(peers) - unsettled
        if not is_announced and (settled == len(scripts) or time.monotonic() > began + 60):
            pipe.send(counts(peers))
            is_announced = True
        for key, _ in selector.select(0.05):
            peer = key.data
            if peer.state == "connecting":
                peer.connected()
                selector.modify(key.fileobj, selectors.EVENT_READ, peer) if peer.state == "opening" else selector.unregister(key.fd)
            else:
                descriptor = key.fd
                peer.readable()
                if peer.socket.fileno() < 0:
                    selector.unregister(descriptor)
        # All of them have their turn in each interval.
        due = int((time.monotonic() - began) / interval * len(scripts)) if interval else turn
        for peer in (peers[number % len(peers)] for number in range(max(turn, due - len(peers)), due)):
            before = peer.socket.fileno()
            peer.say_byte()
            if before >= 0 and peer.socket.fileno() < 0:
                selector.unregister(before)
        turn = due
    pipe.send(counts(peers))


def counts(peers):
    states = collections.Counter({"slow": "kept", "connecting": "unsettled", "opening": "unsettled"}.get(peer.state, peer.state)
                                 for peer in peers)
    return {"states": dict(states), "kept": dict(collections.Counter(
        peer.script.kind for peer in peers if peer.state == "slow")),
        "last": dict(collections.Counter(peer.last.decode(errors="replace").strip()[:60] for peer in peers
                                         if peer.state not in ("slow", "opening", "connecting")).most_common(4))}


class Crowd:
    """The process and what it says: `settled` when all connections are made or refused, the result of `end` when it is over."""

    def __init__(self, address, scripts, interval=0):
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=drive, args=(address, scripts, interval, other), daemon=True)
        self.process.start()

    def settle(self):
        return self.read(90)

    def end(self):
        self.pipe.send("end")
        result = self.read(30)
        self.process.join()
        return result

    def read(self, seconds):
        if not self.pipe.poll(seconds):
            raise Trouble("the process with the connections says nothing")
        return self.pipe.recv()
