"""Writing records: what trains is taken down, and handed to a thread that writes it into the store."""
