"""The one error a person is meant to read."""


class PrecedenceError(ValueError):
    """Input that cannot be used: one sentence with the offending value, what was expected and what to do.

    Raised at the boundary (file, form, URL, config, event log) and shown as it is; anything else that is
    raised is a defect of this program.
    """
