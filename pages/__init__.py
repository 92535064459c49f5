"""The pages: layout and interaction only. A folder each; `run_form` and `shared` serve several."""
