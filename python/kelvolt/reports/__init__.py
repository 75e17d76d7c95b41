"""Reports for readers: the printed summary, the same for JSON, and the HTML page."""
