"""Simulated hotels: workloads, processes and judges around the product."""
