"""Replay: real processes through real days of bookings, their links cut, and the outcome judged from outside."""
