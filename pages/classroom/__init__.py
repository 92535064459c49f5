"""Classroom: a teacher's room, joined by a link, with all runs of the class on one wall."""

from pages.page_entry import PageEntry

PAGE = PageEntry("Classroom", ":material/school:", "classroom", place=80)
"""Its address with `room=CODE` is the students' link; what it shows follows from who opens it."""
