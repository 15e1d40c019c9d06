"""kaocheng."""
