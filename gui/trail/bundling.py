"""A bundle for support: what goes into it, what it will be, and its download. Made by the sidecar, never from a file of this process."""

import time
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from gui.audit import log_event
from gui.errors import guarded
from gui.trail.bundle_words import (
    USUAL_FIELDS,
    change_words,
    file_words,
    packing_share,
    packing_words,
    size_words,
    zip_name,
)
from gui.trail.filters import name_of, options, run_of
from gui.trail.inquiry import BEGINNING, job_sentence, silence_words
from gui.trail.packing import Packing, Previewing, fits
from gui.trail.trouble import plain, sentence
from shared.questions import MAX_BUNDLED, Previewed, RunFiles, Sample, Selection

_EACH_S, _PREVIEW_EACH_S = 0.5, 1.0
_MOST_FIELDS = 16
_PACKING, _PREVIEWING = "trail_bundle_packing", "trail_bundle_previewing"


def draw_bundling(run: str, own_run: str, runs: list[RunFiles]) -> None:
    """Draw the section, for `run` or whichever of `runs` are chosen in it."""
    with st.container(border=True, key="trail_bundle"):
        st.subheader("Does support need to see it?", anchor=False)
        st.caption(
            "A bundle is one zip: the logs, what Verify says of them, versions and settings. You download it; nothing is sent."
        )
        selection = _choose(run, [name_of(run), *(name_of(each.run) for each in runs)])
        if selection is None:
            return
        preview = st.expander(
            "What will be in it", icon=":material/preview:", key="trail_bundle_preview", on_change="rerun"
        )
        if preview.open:
            with preview:
                _preview(selection, own_run)
        packing: Packing | None = st.session_state.get(_PACKING)
        if packing is not None and packing.selection != selection:
            packing = st.session_state[_PACKING] = None
        st.button(
            "Make the bundle", icon=":material/folder_zip:", type="primary", key="trail_bundle_make",
            on_click=_begin, args=(selection,),
        )  # fmt: skip
        if packing is not None:
            st.fragment(_draw_packing, run_every=None if packing.is_over else _EACH_S)(packing, own_run)


def _choose(run: str, names: list[str]) -> Selection | None:
    """Draw the choices and return what they say; None, and why, where that is no bundle."""
    with st.grid(2, min_column_width=260):
        chosen = st.multiselect(
            "Runs in the bundle", list(dict.fromkeys(names)), [name_of(run)], key=f"trail_bundle_runs_{run}",
            max_selections=MAX_BUNDLED,
        )  # fmt: skip
        fields = st.multiselect(
            "Fields to take out", options(USUAL_FIELDS, _found_fields(), st.session_state.get("trail_bundle_fields") or []),
            key="trail_bundle_fields", placeholder="None", accept_new_options=True, max_selections=_MOST_FIELDS,
            help="Their values are replaced, wherever in a line they stand. Type a name that is not in the list.",
        )  # fmt: skip
    file_names = st.toggle("Take out the names of files, too", key="trail_bundle_file_names")
    # A blank more than in the log would take out nothing.
    selection = Selection(
        [run_of(each) for each in chosen],
        sorted({form for each in fields for form in (each, each.strip())}),
        file_names,
    )
    if not chosen:
        st.caption("Choose a run first.")
    elif not fits(selection):
        st.error("The names of the fields are too long, or too many.", icon=":material/error:")
    else:
        return selection
    return None


def _found_fields() -> list[str]:
    previewing: Previewing | None = st.session_state.get(_PREVIEWING)
    return previewing.answer.fields if previewing is not None and previewing.answer is not None else []


def _preview(selection: Selection, own_run: str) -> None:
    previewing: Previewing | None = st.session_state.get(_PREVIEWING)
    if previewing is None or previewing.selection != selection:
        previewing = st.session_state[_PREVIEWING] = Previewing(selection)
    st.fragment(_draw_preview, run_every=None if previewing.is_over else _PREVIEW_EACH_S)(previewing, own_run)


def _draw_preview(previewing: Previewing, own_run: str) -> None:
    if not previewing.is_over:
        previewing.ask()
        if previewing.is_over:
            # Nothing more to ask for, and its fields can be chosen above.
            st.rerun()
    if previewing.trouble is not None:
        is_own = previewing.selection.runs == [own_run]
        words = sentence(previewing.trouble, time.time(), is_own_run=is_own)
        st.warning(words, icon=":material/hourglass_disabled:")
    if previewing.answer is not None:
        _draw_previewed(previewing.answer, previewing.selection)


def _draw_previewed(answer: Previewed, selection: Selection) -> None:
    st.markdown("\n".join(f"- {each}" for each in file_words(answer.files, answer.more_files)))
    st.caption(change_words(answer, selection))
    for sample in answer.samples:
        _draw_sample(sample)


def _draw_sample(sample: Sample) -> None:
    if not sample.after:
        st.code(sample.before, language=None, wrap_lines=True)
        return
    with st.grid(2, min_column_width=260):
        for title, line in (("In the log", sample.before), ("In the bundle", sample.after)):
            with st.container(gap="xsmall"):
                st.caption(title)
                st.code(line, language=None, wrap_lines=True)


def _begin(selection: Selection) -> None:
    st.session_state[_PACKING] = Packing(selection, zip_name(datetime.now(UTC)))
    log_event(
        "tool_run", "Asked for a support bundle", runs=selection.runs, fields=selection.fields,
        file_names=selection.file_names,
    )  # fmt: skip


def _draw_packing(packing: Packing, own_run: str) -> None:
    if not packing.is_over:
        packing.ask()
        if packing.is_over:
            # Nothing more to ask for: the next drawing is the last.
            st.rerun()
    if packing.trouble is not None:
        is_own = packing.selection.runs == [own_run]
        words = job_sentence(packing.trouble, time.time(), is_own_run=is_own)
        st.warning(words, icon=":material/hourglass_disabled:")
    job, data = packing.job, packing.data
    if data is not None:
        _draw_download(packing.name, data)
    elif job is None:
        st.progress(0.0, BEGINNING)
    elif job.trouble:
        st.error(f"There is no bundle: {plain(job.trouble)}.", icon=":material/error:")
    else:
        words = packing_words(job, packing.fetched) + silence_words(job)
        st.progress(packing_share(job, packing.fetched), words)


def _draw_download(name: str, data: bytes) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        # The bytes themselves: what a callable returns Streamlit forgets with the second script run behind the click, and on a
        # page that follows a log that may be before the browser has fetched it.
        st.download_button(
            f"Download the zip, {size_words(len(data))}", data, name, "application/zip",
            key="trail_bundle_download", on_click=partial(_downloaded, name, len(data)), icon=":material/download:",
        )  # fmt: skip
        st.caption(
            "It is of this moment: what happens later is not in it. Look into it before you send it.", width="stretch"
        )


@guarded("Download")
def _downloaded(name: str, size: int) -> None:
    log_event("download", f"Downloaded {name}", filename=name, bytes=size)
