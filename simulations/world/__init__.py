"""A hotel in virtual time: the real replica, session and store code on simulated networks, clocks and disks."""
