"""Text → typed policy: the official text, the rules under its sentences, the laws that hold between them."""
