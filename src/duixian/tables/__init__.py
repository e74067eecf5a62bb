"""Facts in, results out: templates made from a policy's vocabulary, workbooks read cell by cell, settlements written for people and machines."""
