"""What the people at the desks of a simulated hotel do, one module for each kind of work."""
