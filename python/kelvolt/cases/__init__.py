"""Cases with their solutions and runs, and the plant (circuits, pumps, heat balance) that is found from them."""
