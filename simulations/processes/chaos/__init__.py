"""Chaos: real processes at work while they are killed, stopped, cut apart, and their disks filled and put back."""
