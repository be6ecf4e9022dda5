"""What a user sees: each page, light and dark, wide and narrow; looked at by axe-core, by the keyboard, and by eye."""
