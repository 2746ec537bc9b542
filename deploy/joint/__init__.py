"""The joint office at its desk: decisions into its outbox, sealed and published; sheets, batches, days."""
