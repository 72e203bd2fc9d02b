"""Hotel front desks that keep working, and keep their data, when the network does not."""
