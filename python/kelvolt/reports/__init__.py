"""What is handed on: the printed summary and the page."""
