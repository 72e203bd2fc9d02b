"""`make bench-growth`: a hotel grows for years in virtual time, and what it costs is measured at given ages."""
