"""Answers given before, kept in layers: this process, Redis, and whatever the host puts behind them."""

from agents.llm.cache.answers import pack, unpack
from agents.llm.cache.layers import Layer, ProcessLayer, RedisLayer
from agents.llm.cache.lookup import LayeredCache, Stamp

__all__ = ["Layer", "LayeredCache", "ProcessLayer", "RedisLayer", "Stamp", "pack", "unpack"]
