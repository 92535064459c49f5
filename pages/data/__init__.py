"""Data: everything that was brought and that is built in, what each holds and where it is used."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Data", ":material/database:", "data", place=70)
