"""The relay: a node that commits. It takes journals from sessions, commits them to PostgreSQL, and projects what follows."""
