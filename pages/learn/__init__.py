"""Learn: lessons of a few minutes each, that go on when the learner has done the thing."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Learn", ":material/menu_book:", "learn", place=15)
