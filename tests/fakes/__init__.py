"""Stand-ins for the slow or outer parts of the system."""
