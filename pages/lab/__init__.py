"""Priority lab: one run, trained live."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Priority lab", ":material/stacked_line_chart:", "priority_lab", place=20, has_sidebar=True)
