"""Telling: notifications to people, and messages to the outside."""

from casewright.notify.accepting import Acceptance, compile_acceptances
from casewright.notify.messages import Messages, Publication, TopicMessage, compile_messages
from casewright.notify.notifications import (
    Notice,
    Notification,
    Notifications,
    compile_notifications,
    notice,
    render,
    template_sources,
)
from casewright.notify.told import compile_told, is_of_no_case
from casewright.notify.topics import Sink, Topic, TopicMap, compile_topic_map

__all__ = [
    "Acceptance",
    "Messages",
    "Notice",
    "Notification",
    "Notifications",
    "Publication",
    "Sink",
    "Topic",
    "TopicMap",
    "TopicMessage",
    "compile_acceptances",
    "compile_messages",
    "compile_notifications",
    "compile_told",
    "compile_topic_map",
    "is_of_no_case",
    "notice",
    "render",
    "template_sources",
]
