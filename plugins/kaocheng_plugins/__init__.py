"""kaocheng_plugins."""
