"""Lists of actions: the vocabulary, and the compiler from specs to it."""

from casewright.actions.vocabulary import (
    NOTHING,
    Acting,
    Action,
    ActionList,
    BadValue,
    Call,
    Create,
    Send,
)

__all__ = ["NOTHING", "Acting", "Action", "ActionList", "BadValue", "Call", "Create", "Send"]
