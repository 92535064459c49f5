"""A room of a class: who is in it, what it was asked, which runs are its own; no page and no Streamlit.

May import runs and what lies below it. Who may do what is decided here: a teacher is the person whose mark the room
holds as its owner, a student whoever joined by the room's code.
"""
