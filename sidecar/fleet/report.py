"""What `fleet verify` prints: a line per machine for whoever looks, the reasons below it, or JSON for programs. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from shared.printable import printable
from sidecar.fleet.judgement import DAMAGED, MISSING, Host, RunResult
from sidecar.fleet.liveness import ALIVE, SILENT, shown
from sidecar.fleet.state import StreamState
from sidecar.forward.target import Target
from sidecar.verify import damage_line, note_line

_COLUMNS = ("HOST", "STATE", "RUNS", "OPEN", "EVENTS", "LOST", "LAST HEARD (UTC)", "")
# Of a run's notes, as many as fit a screen.
_NOTES_MAX = 10


class Verdict(NamedTuple):
    """All that was found. `heads_missing` are sentences on heads that were noted of runs that are not there."""

    collector: Target
    state: StreamState
    damages: list[str]
    notes: list[str]
    hosts: list[Host]
    heads_missing: list[str]

    @property
    def is_fine(self) -> bool:
        """Whether everything is intact and everybody was heard."""
        bad = {DAMAGED, MISSING, SILENT}
        return not (self.damages or self.heads_missing or any(host.state in bad for host in self.hosts))


def as_text(verdict: Verdict) -> str:
    """For people."""
    lines = [_stream_line(verdict), *(f"  damaged: {text}" for text in verdict.damages)]
    lines += [f"  damaged: head not found: {text}" for text in verdict.heads_missing]
    lines += [f"  note: {text}" for text in verdict.notes]
    lines += ["", *_table(verdict.hosts)] if verdict.hosts else []
    for host in verdict.hosts:
        lines += _details(host)
    lines += ["", _total(verdict)]
    return "".join(f"{printable(line)}\n" for line in lines)


def as_json(verdict: Verdict) -> str:
    """For programs: one object, whose keys say the same."""
    state = verdict.state
    found = {
        "fine": verdict.is_fine,
        "stream": {
            "server": verdict.collector.name, "name": verdict.collector.stream, "messages": state.messages,
            "first": state.first, "last": state.last, "deleted": state.deleted, "created": state.created, "now": state.now,
            "damages": [*verdict.damages, *verdict.heads_missing], "notes": verdict.notes,
        },
        "hosts": [
            {
                "host": host.name, "state": host.state, "expected": host.is_expected, "heard": host.heard or None,
                "runs": [_run_facts(run) for run in host.runs],
            }
            for host in verdict.hosts
        ],
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"


def _run_facts(run: RunResult) -> dict[str, object]:
    report, survey = run.report, run.survey
    return {
        "run": survey.run, "state": run.life.state, "since": run.life.since, "log": report.state, "parts": report.parts,
        "messages": survey.messages, "events": report.events, "first": report.first, "last": report.last,
        "lost": report.lost, "head": report.head or None, "attested": survey.attested_at or None,
        "head_found": report.sought is not None,
        "damages": [damage_line(each) for each in report.findings], "more_damages": report.more_findings,
        "notes": [note_line(each) for each in report.notes], "more_notes": report.more_notes,
    }  # fmt: skip


def _stream_line(verdict: Verdict) -> str:
    state = verdict.state
    since = f" since {shown(state.first_stored)}" if state.messages else ""
    held = f"{_count(state.messages, 'message')}{since}, {_count(state.replicas, 'replica')}"
    return f"Stream {verdict.collector.stream} on {verdict.collector.name}: {held}"


def _table(hosts: list[Host]) -> list[str]:
    rows = [_COLUMNS, *(_row(host) for host in hosts)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    numeric = range(2, 6)
    return [
        "  ".join(
            cell.rjust(width) if at in numeric else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(host: Host) -> tuple[str, ...]:
    # What somebody must look at stands out.
    state = host.state.upper() if host.state in {DAMAGED, MISSING, SILENT} else host.state
    return (
        host.name, state, str(len(host.runs)), str(sum(run.report.state == "open" for run in host.runs)),
        f"{sum(run.report.events for run in host.runs):,}", f"{sum(run.report.lost for run in host.runs):,}",
        shown(host.heard), "not on the list" if host.is_expected is False else "",
    )  # fmt: skip


def _details(host: Host) -> Iterator[str]:
    told = [run for run in host.runs if run.report.findings or run.report.notes or run.life.state != "closed"]
    if host.runs and not told:
        return
    yield ""
    yield f"{host.name}:"
    if not host.runs:
        yield "  Expected, and nothing of it is in the stream: has it ever forwarded, and under this name?"
    for run in told:
        report = run.report
        verdict = "damaged" if report.findings else "intact"
        yield (
            f"  {run.survey.run}: {verdict}, {run.life.text}, {_count(report.events, 'event')}, {report.lost:,} lost, "
            f"head {report.head or 'none'}"
        )
        yield from (f"    {damage_line(finding)}" for finding in report.findings)
        if report.more_findings:
            yield f"    and {report.more_findings:,} more damages"
        yield from (f"    {note_line(note)}" for note in report.notes[:_NOTES_MAX])
        if more := len(report.notes[_NOTES_MAX:]) + report.more_notes:
            yield f"    and {more:,} more notes"


def _total(verdict: Verdict) -> str:
    states = [host.state for host in verdict.hosts]
    bad = [f"{states.count(state)} {state}" for state in (DAMAGED, SILENT, MISSING) if state in states]
    good = sum(state in {ALIVE, "closed"} for state in states)
    stream = ["the stream itself is damaged"] if verdict.damages or verdict.heads_missing else []
    return ", ".join([_count(len(states), "host"), f"{good} intact", *bad, *stream])


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
