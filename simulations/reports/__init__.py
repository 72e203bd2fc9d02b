"""What became of a world, as one page for people: `simulations.reports.page.write_report`."""
