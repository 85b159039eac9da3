"""Writes events.golden with the protobuf classes and the record writer of the package `tensorboard` (2.21.0):
pip install tensorboard; python3 test/tensorboard/make-events.py"""

import os

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1790000000.125


def scalars(timestamp, step, values):
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values])
    return Event(wall_time=timestamp, step=step, summary=summary)


events = [
    Event(wall_time=START, file_version="brain.Event:2"),
    scalars(START, 0, [("score/loss/loss", 5.5), ("score/answers/exact_match,strict-match", 0.0)]),
    scalars(START + 1.5, 1, [("loss", 5.4321), ("learning_rate", 3e-4), ("gradient_norm", -0.25), ("tokens", 127.0)]),
    scalars(START + 2, 127, [("loss", float("nan"))]),
    scalars(START + 3, 128, [("loss", float("inf")), ("gradient_norm", float("-inf"))]),
    scalars(START + 4, 16384, [("λ", 1e-40), ("x" * 130, 16777217.0)]),
    Event(wall_time=START + 5, step=300, session_log=SessionLog(status=SessionLog.START)),
    Event(wall_time=START + 5, session_log=SessionLog(status=SessionLog.START)),
    scalars(START + 6, 2**53 - 1, [("tokens", 3.4e38)]),
]

with open(os.path.join(os.path.dirname(__file__), "events.golden"), "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
