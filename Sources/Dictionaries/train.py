#!/usr/bin/env python3
"""Trains the dictionary that text records are compressed with.

    python3 Sources/Dictionaries/train.py            write record-1.zdict again: only until it was released
    python3 Sources/Dictionaries/train.py --check    say whether it is what this script trains

It learns from generated mail (training/) and the sample mailbox (Fixtures/Mailbox), nothing else: pieces of what it
learns from are in the file, word for word. The same bytes come out every time with the zstd library named below.
"""
import ctypes
import ctypes.util
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from training import mails, records  # noqa: E402

FILE = HERE / "record-1.zdict"
# 32768 and above are free for private use (RFC 8878 §5); the rest is the version.
DICTIONARY_ID = 0x8000 + 1
BYTE_COUNT = 32 << 10
GENERATED_COUNT = 12_000
ZSTD_VERSION = 10504


class Parameters(ctypes.Structure):
    """ZDICT_params_t of zdict.h."""
    _fields_ = [("level", ctypes.c_int), ("notifications", ctypes.c_uint), ("id", ctypes.c_uint)]


class FastCover(ctypes.Structure):
    """ZDICT_fastCover_params_t of zdict.h."""
    _fields_ = [
        ("k", ctypes.c_uint), ("d", ctypes.c_uint), ("f", ctypes.c_uint), ("steps", ctypes.c_uint),
        ("threads", ctypes.c_uint), ("split", ctypes.c_double), ("accel", ctypes.c_uint), ("shrink", ctypes.c_uint),
        ("shrink_limit", ctypes.c_uint), ("common", Parameters)]


def samples():
    writer = mails.Writer(seed=1)
    return [
        *(writer.mail() for _ in range(GENERATED_COUNT)), *records.sample_mailbox(HERE.parents[1] / "Fixtures" / "Mailbox")]


def train(zstd, texts):
    dictionary = ctypes.create_string_buffer(BYTE_COUNT)
    sizes = (ctypes.c_size_t * len(texts))(*map(len, texts))
    zstd.ZDICT_trainFromBuffer_fastCover.restype = ctypes.c_size_t
    zstd.ZDICT_trainFromBuffer_fastCover.argtypes = [
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint, FastCover]
    size = zstd.ZDICT_trainFromBuffer_fastCover(
        dictionary, BYTE_COUNT, b"".join(texts), sizes, len(texts),
        FastCover(k=100, d=8, f=20, steps=4, threads=1, split=1.0, accel=1, common=Parameters(3, 0, DICTIONARY_ID)))
    zstd.ZDICT_isError.argtypes = [ctypes.c_size_t]
    if zstd.ZDICT_isError(size):
        sys.exit("zstd cannot train a dictionary of these samples")
    return dictionary.raw[:size]


def main():
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    version = zstd.ZSTD_versionNumber()
    if version != ZSTD_VERSION:
        message = f"zstd {version} may train other bytes than zstd {ZSTD_VERSION}, with which {FILE.name} was made"
        if "--check" not in sys.argv[1:]:
            sys.exit(message)
        print(f"not checked: {message}")
        return
    trained = train(zstd, samples())
    if "--check" not in sys.argv[1:]:
        FILE.write_bytes(trained)
        print(f"{FILE.name}: {len(trained)} bytes")
    elif FILE.read_bytes() != trained:
        sys.exit(f"{FILE.name} is not what train.py trains")
    else:
        print(f"{FILE.name} is what train.py trains")


main()
