#!/usr/bin/env python3
"""What small mail takes in the packs, with the dictionary for stored mail and without: bytes of a frame's payload, and the time.

    bench/rigs/stored_mail.py --count 4000

Takes mails below 16 KiB of the archives of the corpora directory, as many as asked of each, by a seed. Compresses them with the zstd
library of the machine as the packs do. Prints one JSON line."""
import argparse
import ctypes
import json
import random
import re
import subprocess
import sys
import tarfile
import time

from corpus import archive_path
from server import ROOT

LIMIT = 16 << 10
DICTIONARY = ROOT / "Sources" / "Dictionaries" / "original-1.zdict"
READ_AT_MOST = 40_000


def mails(name):
    process = subprocess.Popen(["zstd", "-dcq", archive_path(name)], stdout=subprocess.PIPE)
    found = []
    with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
        for member in archive:
            if not member.isfile():
                continue
            data = archive.extractfile(member).read()
            found += [mail for mail in re.split(rb"(?m)^From .*\n", data) if 200 < len(mail) < LIMIT]
            if len(found) > READ_AT_MOST:
                break
    process.kill()
    return found


class Zstd:
    def __init__(self):
        self.library = ctypes.CDLL("libzstd.so.1")
        for name in ("ZSTD_createCCtx", "ZSTD_createCDict"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.ZSTD_createCDict.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
        self.plain, self.with_dictionary = self.library.ZSTD_compressCCtx, self.library.ZSTD_compress_usingCDict
        shape = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        self.plain.restype = self.with_dictionary.restype = ctypes.c_size_t
        self.plain.argtypes, self.with_dictionary.argtypes = [*shape, ctypes.c_int], [*shape, ctypes.c_void_p]
        self.context = self.library.ZSTD_createCCtx()
        self.room = ctypes.create_string_buffer(2 * LIMIT)

    def dictionary(self, level):
        data = DICTIONARY.read_bytes()
        return self.library.ZSTD_createCDict(data, len(data), level)

    def size(self, mail, level, dictionary):
        function, last = (self.with_dictionary, dictionary) if dictionary else (self.plain, level)
        return min(len(mail), function(self.context, self.room, len(self.room), mail, len(mail), last))


def measure(zstd, chosen, level, dictionary, rounds):
    best = None
    for _ in range(rounds):
        start = time.perf_counter()
        total = sum(zstd.size(mail, level, dictionary) for mail in chosen)
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return {"bytes": round(total / len(chosen), 1), "us": round(best / len(chosen) * 1e6, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    zstd = Zstd()
    ways = {"without": (1, None), **{f"level_{level}": (level, zstd.dictionary(level)) for level in (1, 2, 3)}}
    result = {}
    for name in ("enron", "lists", "spamassassin"):
        found = mails(name)
        random.Random(arguments.seed).shuffle(found)
        chosen = found[:arguments.count]
        row = {"mails": len(chosen), "mail": round(sum(map(len, chosen)) / len(chosen), 1)}
        for way, (level, dictionary) in ways.items():
            row[way] = measure(zstd, chosen, level, dictionary, arguments.rounds)
        row["saved"] = round(1 - row["level_2"]["bytes"] / row["without"]["bytes"], 4)
        print(name, row, file=sys.stderr)
        result[name] = row
    print(json.dumps(result))


main()
