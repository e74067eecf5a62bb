"""What everything is made of: money, units, dates, outcomes, facts, defects. Standard library only."""
