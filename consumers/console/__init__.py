"""The shared side over HTTP: what programs ask, read only. Pages for people move in beside it."""
