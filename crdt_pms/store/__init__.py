"""SQLAlchemy Core tables; SQLite and PostgreSQL behind the port of `crdt_pms.ports`."""
