"""Times the solver; not part of the installed package."""
