"""Pages, one file a desk. A view asks `queries`, calls one action, and shows a page; it decides nothing."""
