"""The gateway to language models, as the operator's settings want it."""

from __future__ import annotations

from django.conf import settings

from agents.llm.choose import GatewaySettings, gateway_for
from agents.llm.gateway import Gateway


def gateway() -> Gateway:
    """Asked for once per run, so that one run has one kind of answers."""
    return gateway_for(
        GatewaySettings(
            ollama_url=settings.LLM["ollama_url"],
            openai_api_key=settings.LLM["openai_api_key"],
            openai_base_url=settings.LLM["openai_base_url"],
            llamacpp_url=settings.LLM["llamacpp_url"],
            ollama_model=settings.LLM["ollama_model"],
            openai_model=settings.LLM["openai_model"],
        )
    )
