"""What is said of the forwarding. Without a server."""

from sidecar.forward.progress import Progress


def test_each_thing_that_is_missing_is_told_once_however_often_it_is_found() -> None:
    progress = Progress("nats://collector")
    told = []
    for found in (["part 1", "part 2"], ["part 1"], ["part 3", "part 2"]):
        for each in found:
            progress.miss(each)
        while progress.has_more_to_say:
            state = progress.look([], "", "", 0)
            assert state is not None
            told.append((state.missed, state.notice))
    assert told == [(1, "part 1"), (2, "part 2"), (3, "part 3")]
