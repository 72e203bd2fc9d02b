"""What a node asks of a database: small ports, and the one transaction that has them all.

Both implementations (SQLite, PostgreSQL) pass one contract suite. Pure.
"""
