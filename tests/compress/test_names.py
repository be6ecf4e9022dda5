"""Names of the parts of logs in either form."""

import pytest

from shared.naming import TEMPORARY, compressed_name, log_name, parse_log_name, parse_part_name
from tests.verify.logs import RUN


@pytest.mark.parametrize("part", [1, 2, 17])
def test_the_name_of_a_part_says_run_part_and_form(part: int) -> None:
    assert parse_part_name(log_name(RUN, part)) == (RUN, part, False)
    assert compressed_name(RUN, part) == f"{log_name(RUN, part)}.zst"
    assert parse_part_name(compressed_name(RUN, part)) == (RUN, part, True)


def test_a_compressed_part_is_none_that_is_appended_to() -> None:
    assert parse_log_name(compressed_name(RUN)) is None


@pytest.mark.parametrize(
    "name",
    [
        f"datatools-{RUN}.1.jsonl.zst", f"datatools-{RUN}.jsonl.zst.zst", f"datatools-{RUN}.jsonl.gz", ".zst", "",
        f"datatools-{RUN}.jsonl{TEMPORARY}", f"datatools-{RUN}.jsonl.zst{TEMPORARY}", f"datatools-{RUN}.jsonl.ZST",
    ],
)  # fmt: skip
def test_other_files_are_no_parts(name: str) -> None:
    assert parse_part_name(name) is None
