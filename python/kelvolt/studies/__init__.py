"""Questions that take many answers: sizing, ranges, calibration, balancing."""
