"""The server for who runs it: workers, queue, runs of everybody, room."""

from pages.page_entry import PageEntry

PAGE = PageEntry(title="Admin", icon=":material/admin_panel_settings:", url_path="admin", place=90, right="administer")
