"""Home: where a person starts, and the runs made before."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Home", ":material/home:", "home", place=10)
