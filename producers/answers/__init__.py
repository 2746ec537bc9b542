"""What a clerk gets back: the catalogue with the wrong cells marked, why, and what to type instead; and a short report."""
