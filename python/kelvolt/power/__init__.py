"""The electric network from a facility engineer's view: power flow, contingencies, checks, load profiles."""
