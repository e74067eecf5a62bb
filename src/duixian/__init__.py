"""duixian (兑现): the policy text is the program."""
