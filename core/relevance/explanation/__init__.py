"""Why a score is what it is, in numbers and in sentences; what would change it."""
