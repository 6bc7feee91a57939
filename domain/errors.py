"""The two ways the domain says no: a text that is not the value asked for, and a move that is not allowed.

Codes only: the sentences belong to the catalog. The facts are small and harmless (a count, a position),
never what the person typed, because errors reach logs.
"""


class Invalid(Exception):  # noqa: N818  the house's word; a person's slip is no error of ours
    """A text is not the value that was asked for.

    `code` is a stable word such as "nik_length"; `facts` fill the sentence chosen by it (`digits=15`).
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class NotAllowed(Exception):  # noqa: N818  the house's word
    """A move that the rules forbid, such as approving a registration that is a draft.

    `code` is a stable word; `facts` are statuses, times or roles, never personal data.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
