"""The outside judge: recomputes with none of the product's code what a run must have led to, one file for each law.

It judges what simulated worlds and runs of real processes left behind (`contents`) and what was seen to happen (`history`,
`witnessed`); it opens no file and no database itself.
"""
