"""How fast it is, and beside what: measured in one run, told in ratios. Nothing here passes or fails by a time."""
