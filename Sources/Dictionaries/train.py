#!/usr/bin/env python3
"""Trains the dictionaries that text records and stored mails are compressed with.

    python3 Sources/Dictionaries/train.py FILE       write record-1.zdict or original-1.zdict again: only until it was released
    python3 Sources/Dictionaries/train.py --check    say whether they are what this script trains

They learn from generated mail (training/) and the sample mailbox (Fixtures/Mailbox), nothing else: pieces of what they
learn from are in the files, word for word. The same bytes come out every time with the zstd library named below.
"""
import ctypes
import ctypes.util
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from training import mails, originals, records  # noqa: E402

MAILBOX = HERE.parents[1] / "Fixtures" / "Mailbox"
ZSTD_VERSION = 10504


def record_samples():
    writer = mails.Writer(seed=1)
    return [*(writer.mail() for _ in range(12_000)), *records.sample_mailbox(MAILBOX)]


def original_samples():
    writer = originals.Writer(seed=2)
    return [*(writer.mail() for _ in range(6_000)), *originals.sample_mailbox(MAILBOX)]


# Ids from 32768 on are free for private use (RFC 8878 §5); the rest is what the file is for, and its version. `segment` is the k of
# the algorithm: how long the pieces are that it takes over.
DICTIONARIES = {
    "record-1.zdict": dict(id=0x8000 + 1, size=32 << 10, segment=100, level=3, samples=record_samples),
    "original-1.zdict": dict(id=0x8100 + 1, size=32 << 10, segment=200, level=2, samples=original_samples),
}


class Parameters(ctypes.Structure):
    """ZDICT_params_t of zdict.h."""
    _fields_ = [("level", ctypes.c_int), ("notifications", ctypes.c_uint), ("id", ctypes.c_uint)]


class FastCover(ctypes.Structure):
    """ZDICT_fastCover_params_t of zdict.h."""
    _fields_ = [
        ("k", ctypes.c_uint), ("d", ctypes.c_uint), ("f", ctypes.c_uint), ("steps", ctypes.c_uint),
        ("threads", ctypes.c_uint), ("split", ctypes.c_double), ("accel", ctypes.c_uint), ("shrink", ctypes.c_uint),
        ("shrink_limit", ctypes.c_uint), ("common", Parameters)]


def train(zstd, id, size, segment, level, samples):
    texts = samples()
    dictionary = ctypes.create_string_buffer(size)
    sizes = (ctypes.c_size_t * len(texts))(*map(len, texts))
    zstd.ZDICT_trainFromBuffer_fastCover.restype = ctypes.c_size_t
    zstd.ZDICT_trainFromBuffer_fastCover.argtypes = [
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint, FastCover]
    count = zstd.ZDICT_trainFromBuffer_fastCover(
        dictionary, size, b"".join(texts), sizes, len(texts),
        FastCover(k=segment, d=8, f=20, steps=4, threads=1, split=1.0, accel=1, common=Parameters(level, 0, id)))
    zstd.ZDICT_isError.argtypes = [ctypes.c_size_t]
    if zstd.ZDICT_isError(count):
        sys.exit("zstd cannot train a dictionary of these samples")
    return dictionary.raw[:count]


def main(arguments):
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    version = zstd.ZSTD_versionNumber()
    if version != ZSTD_VERSION:
        message = f"zstd {version} may train other bytes than zstd {ZSTD_VERSION}, with which the dictionaries were made"
        if "--check" not in arguments:
            sys.exit(message)
        print(f"not checked: {message}")
        return
    if "--check" not in arguments and not (arguments and set(arguments) <= set(DICTIONARIES)):
        sys.exit(__doc__)
    for name in DICTIONARIES if "--check" in arguments else arguments:
        trained = train(zstd, **DICTIONARIES[name])
        if "--check" not in arguments:
            (HERE / name).write_bytes(trained)
            print(f"{name}: {len(trained)} bytes")
        elif (HERE / name).read_bytes() != trained:
            sys.exit(f"{name} is not what train.py trains")
        else:
            print(f"{name} is what train.py trains")


main(sys.argv[1:])
