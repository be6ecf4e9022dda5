"""Who uses the page: a login, a header that a trusted proxy sets, or else the user whose program this is."""

import os

import streamlit as st

HEADER_SETTING = "DATATOOLS_AUDIT_ACTOR_HEADER"
_CLAIMS = ("email", "preferred_username", "sub")


def find_actor() -> dict[str, str]:
    """`actor`, and in `actor_from` how it is known: login, header or system.

    The header counts only when the setting names it: whoever reaches the page without the proxy can send any.
    """
    for claim in _CLAIMS:
        if name := st.user.get(claim):
            return {"actor": str(name), "actor_from": "login"}
    header = os.environ.get(HEADER_SETTING, "").strip()
    if header and (name := st.context.headers.get(header)):
        return {"actor": name, "actor_from": "header"}
    return {"actor": _system_user(), "actor_from": "system"}


def _system_user() -> str:
    # From the environment alone: getpass would go on to ask a directory server, which may hang.
    return next((name for each in ("LOGNAME", "USER", "USERNAME") if (name := os.environ.get(each))), "unknown")
