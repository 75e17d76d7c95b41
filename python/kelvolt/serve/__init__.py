"""The local page of `kelvolt serve` and `case.explore()`: parameters as sliders, the network answering at once.

A small server (Starlette, uvicorn) on this machine only; the page is plain HTML, CSS and JavaScript of the package.
"""
