"""Models of the registry, a file a subject."""

from .declarations import Declaration
from .delegations import Delegation, Invitation
from .facts import EnterpriseFacts, Statement
from .imports import RosterImport, RosterTrial
from .organisations import Organisation
from .people import Membership, Person
from .places import Industry, Region
from .requests import HatRequest
from .sizes import SizeSnapshot

__all__ = [
    "Declaration",
    "Delegation",
    "EnterpriseFacts",
    "HatRequest",
    "Industry",
    "Invitation",
    "Membership",
    "Organisation",
    "Person",
    "Region",
    "RosterImport",
    "RosterTrial",
    "SizeSnapshot",
    "Statement",
]
