"""The pages: layout and interaction only. A folder each; `settings` and `shared` serve several."""
