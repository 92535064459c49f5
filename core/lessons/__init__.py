"""Lessons: Markdown files with directives, read into steps; an author writes `assets/lessons/LANGUAGE/NAME.md`."""
