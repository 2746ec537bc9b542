"""Papers for people: a batch as it is signed, the file of an objection. Made of what the log says, checked against it."""
