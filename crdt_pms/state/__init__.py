"""What follows from the log: rows, documents, what is not applied, readable rows, the content digest, snapshots. Pure."""
