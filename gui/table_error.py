"""The one error of reading a table."""


class TableError(Exception):
    """A file that cannot be read as a table. The message is for the user: what is wrong, and what to do.

    It names lines, counts and formats, never the content of a cell: the message goes into the audit trail too.
    """
