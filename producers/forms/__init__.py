"""Catalogues that we write: the empty one a clerk fills in, and the register as one that imports again as no change."""
