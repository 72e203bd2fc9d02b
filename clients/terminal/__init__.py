"""The front-desk daemon: a replica, its links to the others, and a local API for the screens."""
