"""`python -m sidecar fleet verify`: are all machines' chains whole, and who is missing? Reads the stream.

- Exit status: 0 all intact and heard of, 1 damaged, silent or missing, 2 the stream cannot be read.
- Reads the stream twice: once to see where which lines are, once to check each run. Memory grows with runs, not lines.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import RUN_ID
from sidecar.fleet.check import Wanted, check_run
from sidecar.fleet.judgement import RunResult, by_host, must_be_whole, stream_damages, stream_notes
from sidecar.fleet.liveness import judge
from sidecar.fleet.report import Verdict, as_json, as_text
from sidecar.fleet.survey import RunSurvey, Survey
from sidecar.forward.subject import host_token
from sidecar.forward.target import Target

LATE_MINUTES = 15

_HEAD = re.compile(r"(?P<run>[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})=(?P<head>[0-9a-fA-F]{64})", re.ASCII)
_DESCRIPTION = """\
Check the chains of all machines as the stream holds them, and say who is missing or fell silent.
Needs neither a sidecar nor the machines' files. Exits 0 when all is intact and everybody was heard, 1 when something is
damaged, silent or missing, 2 when the stream cannot be read.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = _DESCRIPTION
    add = parser.add_argument
    add("--host", action="append", metavar="HOST", help="only this machine; may be given again")
    add("--expect", action="append", metavar="HOST", help="this machine must have been heard of; may be given again")
    add("--hosts", type=Path, metavar="FILE", help="so must the machines in this file, one a line; # begins a comment")
    add(
        "--head", action="append", type=_head, metavar="RUN=HASH", default=[],
        help="a head noted elsewhere, 64 hex characters, must be in that run; may be given again",
    )  # fmt: skip
    add(
        "--late-minutes", type=_minutes, metavar="N", default=LATE_MINUTES,
        help=f"a run is silent so long after its next attestation was due; default {LATE_MINUTES}",
    )  # fmt: skip
    add("--json", action="store_true", help="print one JSON object, for programs")


def run(arguments: argparse.Namespace, collector: Target) -> int:
    """Check, print what was found, and return the exit status. Raises AuditError."""
    verdict = _verdict(arguments, collector, _expected(arguments))
    sys.stdout.write(as_json(verdict) if arguments.json else as_text(verdict))
    sys.stdout.flush()
    return int(not verdict.is_fine)


def _verdict(arguments: argparse.Namespace, collector: Target, expected: frozenset[str]) -> Verdict:
    # Here, so that the other commands do without nats-py.
    from sidecar.fleet.stream import Stream  # noqa: PLC0415

    only = frozenset(host_token(host) for host in arguments.host or ())
    heads = dict(arguments.head)
    with Stream(collector) as stream:
        state = stream.state()
        survey = Survey(collector.prefix)
        for subject in [f"{collector.prefix}.{host}.*" for host in sorted(only)] or [">"]:
            for message in stream.read(subject, last=state.last):
                survey.take(message)
        runs = survey.finish()
        hosts_of = _hosts_of(runs)

        def checked(run: RunSurvey) -> RunResult:
            elsewhere = tuple(host for host in hosts_of[run.run] if host != run.host)
            wanted = Wanted(heads.get(run.run, ""), elsewhere, must_be_whole(run.run, state))
            report = check_run(run, lambda subject, first, last: stream.read(subject, first=first, last=last), wanted)
            return RunResult(run, report, judge(run, report.state, state.now, arguments.late_minutes))

        hosts = by_host((checked(run) for run in runs), expected & only if only else expected)
    return Verdict(
        collector, state, stream_damages(state, survey), stream_notes(state), hosts, _heads_missing(heads, hosts_of)
    )  # fmt: skip


def _hosts_of(runs: list[RunSurvey]) -> Mapping[str, list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        hosts[run.run].append(run.host)
    return hosts


def _heads_missing(heads: Mapping[str, str], hosts_of: Mapping[str, list[str]]) -> list[str]:
    return [f"{run} is not in the stream, though a head of it was noted." for run in heads if run not in hosts_of]


def _expected(arguments: argparse.Namespace) -> frozenset[str]:
    names = list(arguments.expect or ())
    if arguments.hosts:
        try:
            lines = arguments.hosts.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise SettingsError(
                f"{arguments.hosts} cannot be read: {reason}. Give --hosts a file with a name a line."
            ) from error
        names += [name for line in lines if (name := line.partition("#")[0].strip())]
    return frozenset(map(host_token, names))


def _head(text: str) -> tuple[str, str]:
    match = _HEAD.fullmatch(text)
    if match is None or not RUN_ID.fullmatch(match["run"]):
        raise argparse.ArgumentTypeError(
            f"a run, =, and 64 hex characters, like 20261123T153000Z-a1b2c3d4=0123…; this is {text!r}"
        )
    return match["run"], match["head"].lower()


def _minutes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"a whole number of minutes; this is {text!r}")
    return int(text)
