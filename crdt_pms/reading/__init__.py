"""Questions about a property, answered from the readable rows by index and page.

What an answer costs does not grow with history.
"""
