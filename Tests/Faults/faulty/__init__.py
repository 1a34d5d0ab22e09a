"""What can go wrong between a relay and its node."""
