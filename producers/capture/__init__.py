"""A city's register that a program writes: triggers keep row images, the relay judges them by the importer's rules."""
