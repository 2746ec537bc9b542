"""A folder that catalogues are dropped into: each is imported once it is whole, and answered beside."""
