"""A support bundle in a real browser: looked at, made, downloaded; with the logs as they are, and with something taken out."""

import json
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.naming import Directories
from tests.compress.logs import sidecar
from tests.stack.browser import needs_chromium
from tests.stack.running import ROOT, URL, Stack, wait_until_durable
from tests.stack.test_trail_page import EVENTFUL, EVENTS, SOON_MS
from tests.support.logs import run_of

pytestmark = [needs_chromium, pytest.mark.long]


def downloaded(page: Page, section: Locator, target: Path) -> dict[str, bytes]:
    """The files of the bundle that the page makes now; the zip is kept at `target`."""
    section.get_by_role("button", name="Make the bundle").click()
    button = section.get_by_role("button", name=re.compile("Download the zip"))
    expect(button).to_be_visible(timeout=SOON_MS)
    with page.expect_download() as download:
        button.click()
    assert re.fullmatch(r"datatools-support-\d{8}T\d{6}Z\.zip", download.value.suggested_filename)
    download.value.save_as(target)
    with zipfile.ZipFile(target) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_a_bundle_is_looked_at_made_and_downloaded(
    start: Callable[..., Stack], directories: Directories, page: Page, tmp_path: Path
) -> None:
    stack = start(EVENTFUL)
    stack.wait_until_ready()
    wait_until_durable(directories, EVENTS)
    (log,) = directories.audit.iterdir()
    page.goto(f"{stack.wait_for(URL)[1]}/audit_trail")
    section = page.locator(".st-key-trail_bundle")

    # As it is: the very bytes, and a chain that anybody can check.
    files = downloaded(page, section, tmp_path / "whole.zip")
    copy = files[f"logs/{log.name}"]
    assert log.read_bytes().startswith(copy)
    assert copy.endswith(b"\n")
    with zipfile.ZipFile(tmp_path / "whole.zip") as bundle:
        bundle.extractall(tmp_path / "there")
    checked = sidecar("verify", tmp_path / "there" / "logs")
    assert checked.returncode == 0, checked.stdout
    facts = json.loads(files["bundle.json"])
    [about] = facts["logs"]
    assert about["head"] == sha256(copy.splitlines()[-1]).hexdigest()
    assert (about["run"], about["lost"], about["gaps"], about["damages"]) == (run_of(log), 0, [], 0)
    assert [(each["name"], each["sha256"]) for each in facts["files"]] == [
        (f"logs/{log.name}", sha256(copy).hexdigest())
    ]
    assert facts["settings"]["DATATOOLS_AUDIT_DIR"] == str(directories.audit)
    assert about["head"] in files["verify.txt"].decode()

    # What is chosen to be taken out is seen, and is nowhere.
    section.get_by_text("What will be in it").click()
    expect(section.get_by_text("Nothing is taken out")).to_be_visible(timeout=SOON_MS)
    section.get_by_text("Take out the names of files, too").click()
    expect(section.get_by_text(re.compile(r"Something is taken out of \d+ of the newest \d+ lines"))).to_be_visible()
    # What was made is of another choice by now.
    expect(section.get_by_role("button", name=re.compile("Download the zip"))).to_have_count(0)
    fields = section.get_by_role("combobox", name="Fields to take out")
    for name in ("rows", "mode"):
        # Neither is among the usual ones: the preview has found them.
        fields.fill(name)
        page.get_by_role("option", name=name, exact=True).click()
    page.keyboard.press("Escape")
    expect(section.get_by_test_id("stCode").filter(has_text='"mode":"<redacted>"').first).to_be_visible(timeout=SOON_MS)
    files = downloaded(page, section, tmp_path / "redacted.zip")
    everything = b"".join(files.values()).decode()
    assert "customers" in log.read_text()
    assert "customers" not in everything
    lines = [json.loads(line) for line in files[f"logs/{log.name}"].splitlines()]
    assert {line["rows"] for line in lines if "rows" in line} == {"<redacted>"}
    assert [line["seq"] for line in lines if "seq" in line] == list(
        range(1, json.loads(files["bundle.json"])["logs"][0]["events"] + 1)
    )
    assert json.loads(files["bundle.json"])["redacted"] == {"fields": ["mode", "rows"], "file_names": True}
    # Both are in the trail themselves, and no file of them is left.
    stack.wait_for(re.compile("Asked for a support bundle"), 2)
    stack.wait_for(re.compile(r"Downloaded datatools-support-"), 2)
    assert list(directories.audit.iterdir()) == [log]
    assert not [path for path in directories.run.iterdir() if path.suffix == ".zip"]
    assert f'File "{ROOT}' not in stack.output
