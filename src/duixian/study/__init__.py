"""Studies (测算): what a policy costs, who gains and who loses, where the cliffs are, which standards fit a total, and what a parameter moves."""
