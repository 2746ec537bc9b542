"""What tests stand on: real servers started for them, and fakes of the ports."""
