"""Values that cross boundaries: events, facts, the two times, assessments."""
