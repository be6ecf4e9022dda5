"""The data tool: its pages, its logic, and the client of the audit trail in `gui.audit`."""
