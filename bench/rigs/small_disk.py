"""A disk that a rig can fill: an ext4 file system in a sparse file, mounted by a loop device. Takes root."""
import os
import re
import subprocess
from pathlib import Path

from server import Trouble

CHUNKS = [1 << 30, 64 << 20, 1 << 20, 64 << 10, 4 << 10]  # bytes; the last is a block


def run(*command):
    result = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        raise Trouble(f"{' '.join(map(str, command))}: {result.stderr.strip()}")


def make(folder, size):
    """The disk and None, or None and why there can be none here: no root, no loop devices, a container that may not mount."""
    try:
        return SmallDisk(folder, size), None
    except (Trouble, OSError) as reason:
        return None, str(reason)


class SmallDisk:
    """`size` is nominal: the file below grows with what is written, and the ballast is reserved, not written."""

    def __init__(self, folder, size):
        self.image, self.path = Path(folder) / "disk.img", Path(folder) / "disk"
        self.ballast = self.path / "ballast"
        with open(self.image, "xb") as file:
            file.truncate(size)
        # Without blocks that only root may take: the server may be root.
        run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self.path.mkdir()
        run("mount", "-o", "loop", self.image, self.path)

    def fill(self):
        """Takes every free block. Called again, takes those that were given back meanwhile. What the ballast has then, in bytes."""
        descriptor = os.open(self.ballast, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            for chunk in CHUNKS:
                while True:
                    try:
                        os.posix_fallocate(descriptor, size, chunk)
                    except OSError:
                        # What it got before it failed is behind the end, and goes to the next smaller chunk.
                        break
                    size += chunk
            return size
        finally:
            os.close(descriptor)

    def free(self):
        self.ballast.unlink(missing_ok=True)

    def close(self):
        """Whoever still has a file open there keeps it mounted."""
        mounts = Path("/proc/mounts").read_text()
        if re.search(rf" {re.escape(str(self.path))} ", mounts):
            run("umount", self.path)
        self.image.unlink(missing_ok=True)
