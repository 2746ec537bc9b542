"""The shared side: verify, decide, store and log every change, follow the log outwards, and replay it."""
