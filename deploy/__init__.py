"""How it is put together and run: settings, wiring, command line, telemetry, demo."""
