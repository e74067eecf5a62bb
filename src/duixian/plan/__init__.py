"""Policy → relational plan: SQL text over columns of facts, one step a stage of the waterfall. Runs nothing."""
