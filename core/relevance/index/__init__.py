"""The bags of a whole catalogue on disk: exact scores, top hits, products added and removed without a rebuild."""

from core.relevance.index.index import NOTHING, Corrections, Hits, Index
from core.relevance.index.products import KEY, Product
from core.relevance.index.segment import Weighed

__all__ = ["KEY", "NOTHING", "Corrections", "Hits", "Index", "Product", "Weighed"]
