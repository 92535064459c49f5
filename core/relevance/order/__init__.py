"""A search's order between relevance alone and what a second aim gains: trained points, kept beside an index."""
