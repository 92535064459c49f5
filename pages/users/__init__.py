"""Users: a history, what a model sees in it, who is alike, and the map of everybody."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Users", ":material/group:", "users", place=60)
