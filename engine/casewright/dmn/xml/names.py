"""Words of the XML form of DMN: namespaces, elements of boxed expressions, attribute values.

Source: DMN 1.5, chapter 13 and its schema DMN15.xsd.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casewright.dmn.definition import Aggregation, HitPolicy

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
FEEL = "https://www.omg.org/spec/DMN/20230324/FEEL/"
CASEWRIGHT = "urn:casewright:dmn"
DMNDI = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
DC = "http://www.omg.org/spec/DMN/20180521/DC/"
DI = "http://www.omg.org/spec/DMN/20180521/DI/"

VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
        "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
        "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
        "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
        MODEL: "1.5",
    }
)
HIT_POLICIES: Mapping[str, HitPolicy] = MappingProxyType(
    {
        "UNIQUE": "unique",
        "FIRST": "first",
        "PRIORITY": "priority",
        "ANY": "any",
        "COLLECT": "collect",
        "RULE ORDER": "rule order",
        "OUTPUT ORDER": "output order",
    }
)
AGGREGATIONS: Mapping[str, Aggregation] = MappingProxyType(
    {"SUM": "sum", "COUNT": "count", "MIN": "min", "MAX": "max"}
)
