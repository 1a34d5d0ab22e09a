"""The devnet's own tests: `python -m unittest discover -s Tests/Devnet`."""
