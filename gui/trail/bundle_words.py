"""What the page says of a support bundle. Pure."""

from collections.abc import Sequence
from datetime import datetime

from gui.status_words import count
from gui.trail.trouble import plain
from shared.questions import Job, PlannedFile, Previewed, Selection

# In most logs; whatever else stands in the newest lines can be chosen, too, and any name typed.
USUAL_FIELDS = ("message", "session", "actor", "filename", "columns", "reason")


def zip_name(now: datetime) -> str:
    """What the download is called."""
    return f"datatools-support-{now:%Y%m%dT%H%M%SZ}.zip"


def packing_words(job: Job, fetched: int) -> str:
    """How far it is, from the first byte read to the last one fetched."""
    if job.zip is not None:
        return f"Fetched {size_words(fetched)} of {size_words(job.zip.size)}"
    done = min(job.done / job.total, 1.0) if job.total else 0.0
    return f"Checking and packing: {done:.0%}"


def packing_share(job: Job, fetched: int) -> float:
    """The same as a share of all: most of the time goes by before there is a zip."""
    if job.zip is not None:
        return 0.8 + 0.2 * min(fetched / max(job.zip.size, 1), 1.0)
    return 0.8 * min(job.done / job.total, 1.0) if job.total else 0.0


def size_words(size: int) -> str:
    """`812 bytes`, `3.4 kB`, `12.0 MB`."""
    for unit, least in (("MB", 10**6), ("kB", 10**3)):
        if size >= least:
            return f"{size / least:,.1f} {unit}"
    return count(size, "byte")


def file_words(files: Sequence[PlannedFile], more: int) -> list[str]:
    """The files, a Markdown item each."""
    items = [f"`{each.name}`, {size_words(each.size)} before it is packed" for each in files if each.size]
    items += [f"And {count(more, 'more file')} of the logs"] * bool(more)
    added = ", ".join(f"`{each.name}`" for each in files if not each.size)
    return [*items, f"{added}: what Verify says, versions and settings, and how to check it all"]


def change_words(preview: Previewed, selection: Selection) -> str:
    """What the redaction does to the newest lines, or that there is none."""
    newest = "the newest line" if preview.looked_at == 1 else f"the newest {preview.looked_at:,} lines"
    if not selection.fields and not selection.file_names:
        return "Nothing is taken out: the logs go in as they are, and can be checked. The newest lines:"
    if preview.changed:
        return (
            f"Something is taken out of {preview.changed:,} of {newest}. Some of them, as they stand and as they go in. "
            "What other lines say of it in words of their own stays."
        )
    names = ", ".join(plain(each) for each in selection.fields)
    spelled = f" Are the fields called so: {names}?" if names else ""
    return f"Nothing in {newest} is to be taken out.{spelled} They go in without their hashes alone:"
