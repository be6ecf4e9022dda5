"""Errors, by who must act. A message says what is wrong and what to do; no command shows a user a traceback for one."""


class AuditError(Exception):
    """Base of every error this project raises on purpose."""


class SettingsError(AuditError):
    """The user must change a setting, a path or a permission."""


class AlreadyRunningError(AuditError):
    """Another sidecar serves the same run directory."""


class NoAnswerError(AuditError):
    """No sidecar answered before the deadline."""
