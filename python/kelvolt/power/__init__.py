"""The electric network as a facility team reads it: power flow, failures, checks, profiles."""
