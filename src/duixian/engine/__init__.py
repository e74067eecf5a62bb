"""The engines that turn a policy and facts into claims. `interpret.py` is the meaning of the language; every other engine is held against it."""
