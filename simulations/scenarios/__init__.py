"""Stories that a hotelier tells: written down step by step, lived by a simulated world, told again as text.

`simulations.scenarios.catalogue` lists them; `simulations.scenarios.stage.perform` lets one happen.
"""
