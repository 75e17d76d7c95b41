"""The basis of all other parts: errors, values, tables, files, expressions. It imports only the core."""
