"""What both sides agree on: entries, events, decisions, envelope, codec, normal forms, reasons, topics, ports, errors, tables."""
