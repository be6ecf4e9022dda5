"""What all simulations by seeds share: their command, what breaks in one of them, and who breaks it on purpose."""

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

Change = tuple[object, str, Any]


class Lived(Protocol):
    """A world at its end: how often what happened in it, and its history."""

    tally: Counter[str]
    told: list[str]


Live = Callable[[int], Lived]


class BrokenError(AssertionError):
    """A promise does not hold in the simulation of `seed`; `why` says which, `told` is what happened, if it was traced."""

    def __init__(self, command: str, seed: int, told: list[str], error: Exception) -> None:
        self.seed = seed
        self.told = told
        self.why = f"{type(error).__name__}: {error}"
        super().__init__(f"{self.why}\nTo see it happen: python -m {command} --seed {seed} --trace")


class Mutant(NamedTuple):
    """What stands for what, while it is `mutated`."""

    name: str
    changes: tuple[Change, ...]

    @contextlib.contextmanager
    def mutated(self) -> Iterator[None]:
        before = [(owner, name, vars(owner)[name]) for owner, name, _ in self.changes]
        for owner, name, value in self.changes:
            setattr(owner, name, value)
        try:
            yield
        finally:
            for owner, name, value in before:
                setattr(owner, name, value)


def catch(mutant: Mutant, seeds: Iterable[int], live: Live) -> BrokenError | None:
    """What breaks first when the `seeds` are lived through with this mutant; None when nothing does."""
    with mutant.mutated():
        for seed in seeds:
            try:
                live(seed)
            except BrokenError as error:
                return error
    return None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--trace", action="store_true", help="with everything that happens in it")
    parser.add_argument("--mutants", action="store_true", help="who breaks a promise on purpose, and when it is found")


def run(arguments: argparse.Namespace, live: Live, mutants: Sequence[Mutant]) -> int:
    """The exit status: 1 when a promise is broken, or a mutant is not caught."""
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    if arguments.mutants:
        return _find_mutants(seeds, live, mutants)
    if arguments.seed is not None:
        seeds = range(arguments.seed, arguments.seed + 1)
    return _live_all(seeds, live, traced=arguments.trace)


def say(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _live_all(seeds: range, live: Live, *, traced: bool) -> int:
    tally: Counter[str] = Counter()
    broken, begin = 0, time.process_time()
    for seed in seeds:
        try:
            world = live(seed)
        except BrokenError as error:
            broken += 1
            say("\n".join([*(error.told if traced else []), str(error)]))
        else:
            tally += world.tally
            say("\n".join(world.told if traced else []))
    for what, times in sorted(tally.items()):
        say(f"{times:9} {what}")
    a_second = len(seeds) / (time.process_time() - begin)
    say(f"{len(seeds)} seeds, {broken} broken, {a_second:.0f} a second")
    return int(broken > 0)


def _find_mutants(seeds: range, live: Live, mutants: Sequence[Mutant]) -> int:
    missed = 0
    for mutant in mutants:
        error = catch(mutant, seeds, live)
        missed += error is None
        say(f"{mutant.name}: {f'seed {error.seed}: {error.why}' if error else 'not caught'}")
    return int(missed > 0)
