#!/usr/bin/env python3
"""Flags over HTTP: what the whole server writes for one, and for all of a mailbox, and how long each answer takes.

    bench/rigs/flag_mail.py [--binary maildex] [--mails 15000] [--flips 2000]

A mailbox of generated mails is imported, and rests. Then mails all over it are marked as starred one after another, one request
each; then all that is unread is marked as read, in batches of 1,000, as the API takes them. Counted is what the process causes to
be written to the disk (journal, metadata, index, with what they merge and check point meanwhile), until it has rested again.
`maildex-bench flags` tells the index's part of it. Prints one JSON line of bytes and milliseconds; exit code 1 when a mark is
missing in the end.
"""
import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from cold_mailbox import OWNER, fill, settle  # noqa: E402
from search_mail import percentiles  # noqa: E402
from server import BINARY, Client, Server, Trouble, note  # noqa: E402

BATCH = 1_000  # ids of one request
CALM = 3  # seconds without a byte written


def written_at_rest(server):
    """Bytes that the server has written, once it writes no more."""
    before, calm_since = server.written_bytes(), time.monotonic()
    while time.monotonic() - calm_since < CALM:
        time.sleep(0.25)
        if (now := server.written_bytes()) != before:
            before, calm_since = now, time.monotonic()
    if not before:
        raise Trouble("this system does not count what a process writes")
    return before


def timed(client, method, path, body):
    """Milliseconds until the server says that it is done."""
    began = time.perf_counter()
    status, _, answer = client.ask(method, path, body)
    if status not in (200, 204):
        raise Trouble(f"{method} {path} answers {status}: {answer[:500]!r}")
    return (time.perf_counter() - began) * 1_000


def ids_of(client, query):
    return [message["id"] for message in client.search_all(query)[1]]


def measure(server, flips):
    client = Client(server.http, OWNER)
    every = ids_of(client, "in:anywhere")
    step = max(1, len(every) // flips)
    chosen = every[::step][:flips]
    start = written_at_rest(server)
    times = [timed(client, "PATCH", f"/v1/messages/{identifier}", {"is_starred": True}) for identifier in chosen]
    flipped = written_at_rest(server)
    unread = ids_of(client, "is:unread in:anywhere")
    batches = [timed(client, "POST", "/v1/messages/batch", {"ids": unread[at:at + BATCH], "set": {"is_read": True}})
               for at in range(0, len(unread), BATCH)]
    marked = written_at_rest(server)
    starred = client.search("is:starred in:anywhere", limit=1)["total"]
    left = client.search("is:unread in:anywhere", limit=1)["total"]
    client.close()
    if starred != len(chosen) or left:
        raise Trouble(f"{starred} mails are starred, expected {len(chosen)}; {left} are unread, expected none")
    return {"mails": len(every), "flips": len(chosen), "flip_ms": percentiles(times),
            "written_flip": round((flipped - start) / len(chosen)), "marked": len(unread), "batches": len(batches),
            "mark_all_ms": round(sum(batches), 1), "written_mark_all": marked - flipped,
            "written_marked_mail": round((marked - flipped) / max(1, len(unread)), 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--mails", type=int, default=15_000)
    parser.add_argument("--flips", type=int, default=2_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-flags-") as work:
        server = Server(arguments.binary, Path(work) / "data")
        try:
            fill(server, work, arguments.mails)
            settle(server)
            server.start()
            print(json.dumps(measure(server, arguments.flips)), flush=True)
            server.stop()
        except Trouble as trouble:
            note(f"FAILED: {trouble}")
            sys.exit(1)
        finally:
            if not server.ended():
                server.kill()


if __name__ == "__main__":
    main()
