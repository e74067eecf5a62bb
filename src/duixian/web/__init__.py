"""The casework in a browser: one Django project on one database, pages by desk. It reaches the rules only through the public door."""
