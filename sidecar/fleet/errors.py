"""What goes wrong with the collector, by a sentence that says what to do."""

from shared.errors import AuditError


class CollectorError(AuditError):
    """The server or its stream cannot be used as it is."""
