"""What the pages are put together from: thin wrappers of the components in `assets`, and the parts of a page."""
