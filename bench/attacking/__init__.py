"""The parts of bench/attacks."""
