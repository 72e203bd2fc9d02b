"""The demo: a hotel of three desks on this machine."""
