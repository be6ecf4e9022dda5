"""A page with a mistake in it."""

rows: list[int] = []
rows[3] += 1
