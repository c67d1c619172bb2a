"""Settings as the pages of docs show them: what is documented is what runs."""
import re

from server import ROOT, Trouble


def block(page, heading, beginning, replaced=None, place=0):
    """The text of a fenced block below a heading of docs/PAGE, the `place`th of those that begin so. Each key of `replaced`, an address or
    a path, is in it, and its value takes its place; all else stays word by word."""
    text = (ROOT / "docs" / page).read_text()
    section = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text)
    if not section:
        raise Trouble(f"docs/{page} has no heading {heading!r}")
    blocks = re.findall(rf"(?ms)^```\w*\n({re.escape(beginning)}.*?)^```$", section[1])
    if len(blocks) <= place:
        raise Trouble(f"docs/{page} has {len(blocks)} blocks that begin with {beginning!r} below {heading!r}")
    result = blocks[place]
    for old, new in (replaced or {}).items():
        if old not in result:
            raise Trouble(f"docs/{page} does not say {old!r} below {heading!r} any more")
        result = result.replace(old, str(new))
    return result
