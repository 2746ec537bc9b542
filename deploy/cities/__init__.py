"""The cities that take part: their files, and what reads them."""
