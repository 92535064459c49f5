"""What-if: sweeps over tolerances, their front, prices and the decision."""

from pages.page_entry import PageEntry

PAGE = PageEntry("What-if", ":material/balance:", "what_if", place=30)
