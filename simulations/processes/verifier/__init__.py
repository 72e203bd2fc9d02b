"""Reads what a run of real processes left behind and hands it to the outside judge (`simulations.checkers`)."""
