"""What every other part rests on: errors, values, tables, files, expressions; imports only the core."""
