"""What a user does to take a table home: have a large file written, download it. Logs names, sizes and digests alone."""

from functools import partial
from time import perf_counter

from gui.audit import log_event
from gui.bench import Made
from gui.errors import guarded
from gui.product import Format, Product
from gui.progress import milliseconds
from gui.session import current_bench, keep_bench
from gui.telling import Tell
from gui.working import Job


@guarded("Prepare a file")
def prepare(made: Made, wanted: Format) -> None:
    """Want this file of what was made of the table at work."""
    bench = current_bench()
    if bench.current is not None:
        keep_bench(bench.wanting(bench.current, made, wanted))


def writing_job(made: Made) -> Job | None:
    """The writing of the next file that is wanted of what was made of the table at work, if any."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None or (product := desk.product(made)) is None:
        return None
    for by, wanted in desk.writing:
        if by == made and wanted not in product.files:
            name = product.file_name(wanted)
            return Job(
                f"Writing {name}", "tool_run", name,
                partial(_write, number, made, product, wanted), partial(_drop, number, made, wanted),
            )  # fmt: skip
    return None


@guarded("Download")
def note_download(product: Product, wanted: Format) -> None:
    """Log that the button was pressed, and which bytes it gives."""
    name, file = product.file_name(wanted), product.files[wanted]
    rows, columns = product.frame.shape
    log_event(
        "download", f"Downloaded {name}", filename=name, rows=rows, columns=columns, bytes=len(file.data),
        sha256=file.sha256,
    )  # fmt: skip


def _write(number: int, made: Made, product: Product, wanted: Format, tell: Tell) -> bool:
    start = perf_counter()
    written = product.written(wanted, tell)
    if not keep_bench(current_bench().written(number, made, written, wanted)):
        return False
    name = product.file_name(wanted)
    log_event(
        "tool_run", f"Wrote {name}", tool="write", filename=name, rows=len(product.frame),
        columns=len(product.frame.columns), bytes=len(written.files[wanted].data), outcome="ok",
        duration_ms=milliseconds(start),
    )  # fmt: skip
    return True


def _drop(number: int, made: Made, wanted: Format) -> None:
    keep_bench(current_bench().not_wanting(number, made, wanted))
