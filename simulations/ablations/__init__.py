"""Every safeguard of the product, switched off by name: whatever no checker misses was not worth its code, or not judged."""
