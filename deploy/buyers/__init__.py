"""A buyer's list of products: what each row asks, what the shared store says of it, and the list back with the answers."""
