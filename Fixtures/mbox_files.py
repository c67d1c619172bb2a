"""Writes the mbox files that a generator gives, or checks that they are there as it gives them."""
import re
import sys


def main(here, pattern, files):
    """`files`: path below `here` → bytes. What else `pattern` finds there is removed."""
    present = {str(path.relative_to(here)) for path in here.glob(pattern)}
    if "--check" in sys.argv[1:]:
        wrong = sorted(present ^ set(files)) + sorted(
            path for path in present & set(files) if (here / path).read_bytes() != files[path])
        if wrong:
            sys.exit("differs from what generate.py writes: " + ", ".join(wrong))
        print(f"{len(files)} mbox files are what generate.py writes")
        return
    for path in present - set(files):
        (here / path).unlink()
    for path, data in sorted(files.items()):
        (here / path).parent.mkdir(exist_ok=True)
        (here / path).write_bytes(data)
        print(f"{path}: {len(re.findall(rb'^From ', data, re.MULTILINE))} mails, {len(data)} bytes")
