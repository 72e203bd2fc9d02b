"""The only place with sockets, clocks, randomness and threads."""
