"""A second small app, audited in three lines: what README shows."""
