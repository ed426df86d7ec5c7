"""Decision models: item definitions, boxed expressions, the graph of requirements."""

from casewright.dmn.model.definition import (
    DecisionNode,
    DecisionService,
    Definitions,
    Import,
    InputData,
    ItemDefinition,
    KnowledgeModel,
)
from casewright.dmn.model.model import Evaluation, Model

__all__ = [
    "DecisionNode",
    "DecisionService",
    "Definitions",
    "Evaluation",
    "Import",
    "InputData",
    "ItemDefinition",
    "KnowledgeModel",
    "Model",
]
