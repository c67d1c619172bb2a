#!/usr/bin/env python3
"""Large mail: how many megabytes a second are accepted and delivered, and how many could the disk take?

    bench/rigs/large_mail.py [--binary maildex] [--megabytes 400] [--connections 16] [--goal 0.5] [--seed N]
                             [--corpus DIR/<user>/<folder>.mbox | --sample]

Mails have 50 KB of text, of lines of the corpus, and one in five an attachment of 500 KB besides: random bytes in base64, no two
alike. They are sent by maildex-load (`swift build --package-path bench -c release --product maildex-load`). Megabytes (10^6 bytes) are those of the
mails as they are sent. `accepted` counts to the last 250, `delivered` until search finds the last mail.

The disk's limit is measured in the same directory, before and after: a file of the same size, written from one buffer of random
bytes, in pieces of 1 MB and of 8 MB, each followed by fdatasync, the file new each time. `of_disk` is `delivered` by the mean for 1 MB, the
batches that the server's syncs come to; it must be `--goal`. `cpu_s_mb` is the server's processor time for a megabyte, all threads:
with the number of processors it says whether they are the limit. Prints one JSON line; exit code 1 when a mail was refused, never came,
or the goal was missed.
"""
import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, ROOT, Client, Server, Trouble, note  # noqa: E402

LOAD = ROOT / "bench" / ".build" / "release" / "maildex-load"
USERS = 20
TEXT, ATTACHMENT = 50_000, 500_000  # bytes
PATIENCE = 600


def write_corpus(folder, lines, megabytes, generator):
    """Mails for so many megabytes, one mbox a user; how many, and their bytes."""
    paths = [folder / f"user{number}" for number in range(USERS)]
    for path in paths:
        path.mkdir()
    files = [open(path / "large.mbox", "wb") for path in paths]
    count = size = 0
    while size < megabytes * 1e6:
        mail = compose(count, lines, generator)
        files[count % USERS].write(b"From rig@example.net Thu Jan  1 00:00:00 2026\n" + mail + b"\n")
        size += len(mail)
        count += 1
    for file in files:
        file.close()
    return count, size


def compose(number, lines, generator):
    text = b""
    while len(text) < TEXT:
        text += generator.choice(lines) + b"\n"
    head = (f"From: Rig <rig@example.net>\nSubject: Large {number}\nMessage-ID: <large{number}@rig.example.net>\n"
            "MIME-Version: 1.0\n").encode()
    if number % 5:
        return head + b"Content-Type: text/plain; charset=utf-8\n\n" + text
    encoded = base64.encodebytes(generator.randbytes(ATTACHMENT * 3 // 4))
    return (head + b"Content-Type: multipart/mixed; boundary=edge\n\n--edge\nContent-Type: text/plain; charset=utf-8\n\n" + text +
            b"--edge\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
            b"Content-Disposition: attachment; filename=blob.bin\n\n" + encoded + b"--edge--\n")


def disk_rate(folder, size, piece):
    """Megabytes a second, of pieces written one after another, each synced."""
    buffer = random.randbytes(piece)
    path = folder / "disk-limit"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    began = time.monotonic()
    for _ in range(max(1, int(size) // piece)):
        os.write(descriptor, buffer)
        os.fdatasync(descriptor)
    seconds = time.monotonic() - began
    os.close(descriptor)
    path.unlink()
    return max(1, int(size) // piece) * piece / 1e6 / seconds


def wait_until_found(server, count):
    clients = [Client(server.http, f"user{number}@{corpus.DOMAIN}") for number in range(USERS)]
    deadline = time.monotonic() + PATIENCE
    while (found := sum(client.search("", limit=1)["total"] for client in clients)) < count:
        if time.monotonic() > deadline:
            raise Trouble(f"{found} of {count} mails came")
        time.sleep(0.02)
    for client in clients:
        client.close()


def measure(server, work, folder, count, size, arguments):
    disk = {piece: [disk_rate(work, size, piece << 20)] for piece in (1, 8)}
    for number in range(USERS):
        server.run("user", "add", f"user{number}@{corpus.DOMAIN}")
    server.start()
    cpu = server.cpu_seconds()
    # The load reads its mails before it sends them: its own clock tells when it began.
    result = subprocess.run([LOAD, "--smtp", server.smtp_address, "--mail", folder, "--connections", str(arguments.connections),
                             "--probe-every", "0"], stdout=subprocess.PIPE, text=True)
    ended = time.monotonic()
    if result.returncode:
        raise Trouble(f"maildex-load ends with {result.returncode}")
    load = json.loads(result.stdout.strip().splitlines()[-1])
    wait_until_found(server, count)
    seconds = load["seconds"] + time.monotonic() - ended
    cpu = server.cpu_seconds() - cpu
    written = server.written_bytes()
    peak = server.memory("VmHWM")
    server.stop()
    for piece in disk:
        disk[piece].append(disk_rate(work, size, piece << 20))
    delivered = size / 1e6 / seconds
    limit = {piece: sum(rates) / len(rates) for piece, rates in disk.items()}
    return {
        "mails": count, "mb": round(size / 1e6), "accepted_mb_s": round(size / 1e6 / load["seconds"], 1),
        "delivered_mb_s": round(delivered, 1), "ack_ms": load["ack_ms"],
        "disk_mb_s": {f"{piece} MB": [round(rate, 1) for rate in rates] for piece, rates in disk.items()},
        "of_disk": {f"{piece} MB": round(delivered / rate, 2) for piece, rate in limit.items()},
        "cpu_s_mb": round(cpu / (size / 1e6), 4), "cpus_busy": round(cpu / seconds, 2), "cpus": os.cpu_count(),
        "written_by_byte": round(written / size, 2), "peak_rss_mb": round(peak), "goal": arguments.goal,
        "goal_met": delivered / limit[1] >= arguments.goal, "seed": arguments.seed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--megabytes", type=float, default=400)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--goal", type=float, default=0.5, help="the least part of the disk's limit; 0 for none")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    note(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="maildex-large-") as name:
        work = Path(name)
        source = corpus.find(arguments, work)
        lines = [line for user in sorted(path for path in source.iterdir() if path.is_dir())[:10]
                 for mail in list(corpus.mails(user))[:200]
                 for line in mail.partition(b"\n\n")[2].replace(b"\r", b"").splitlines()
                 if line.strip() and not line.startswith((b"From ", b"."))]
        folder = work / "large"
        folder.mkdir()
        count, size = write_corpus(folder, lines, arguments.megabytes, random.Random(arguments.seed))
        server = Server(arguments.binary, work / "data")
        try:
            figures = measure(server, work, folder, count, size, arguments)
        except (Trouble, OSError) as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)
    sys.exit(0 if figures["goal_met"] else 1)


if __name__ == "__main__":
    main()
