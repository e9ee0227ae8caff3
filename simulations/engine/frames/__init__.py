"""What a viewer needs to draw a step: everything (keyframe) or what changed since the step before (delta)."""

from simulations.engine.frames.camera import KEYFRAME_EVERY, Camera, Frame, Shown
from simulations.engine.frames.screen import Screen
from simulations.engine.frames.wire import Content, FrameKind, FrameRefused, Part, decode, encode

__all__ = [
    "KEYFRAME_EVERY",
    "Camera",
    "Content",
    "Frame",
    "FrameKind",
    "FrameRefused",
    "Part",
    "Screen",
    "Shown",
    "decode",
    "encode",
]
