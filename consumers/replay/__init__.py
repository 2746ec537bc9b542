"""Folding the audit log again from its first entry, and comparing what comes out with the store, row by row."""
