"""Who there is and what is known: divisions, parties, users and their seats, the objects of the vocabulary and their facts by source."""
