"""The process that owns the files of the audit trail."""
