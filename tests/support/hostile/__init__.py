"""Files made to mislead, exhaust or crash whoever reads them, all written by the code here, and a process to try them in."""
