"""What a node holds of the property's history: signed snapshots, in chunks. Pure."""
