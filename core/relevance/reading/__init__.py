"""What a person types, read so that it meets the words of the catalogue; every step is kept, to be told."""
