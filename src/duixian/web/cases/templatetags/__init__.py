"""How values are said on a page."""
