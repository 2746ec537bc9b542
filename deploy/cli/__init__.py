"""The command line: one small function a command; shapes and exit codes are the contract's."""
