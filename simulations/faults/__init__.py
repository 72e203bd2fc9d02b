"""Everything that can go wrong in a simulated world: one knob each, drawn from the seed, counted when it had an effect."""
