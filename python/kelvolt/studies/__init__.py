"""Studies that solve a case many times: sizing, ranges, calibration, balancing."""
