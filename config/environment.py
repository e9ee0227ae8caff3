"""Everything that is set from outside, read once and checked. The only place that reads the environment."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """Variables of the process's environment; docs/operating.md explains each."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore")

    environment: Literal["development", "testing", "staging", "production"] = "development"
    secret_key: str = ""
    credentials_keys: str = ""
    database_url: str = ""
    redis_url: str = ""
    database_pool: bool = True
    allowed_hosts: str = "localhost,127.0.0.1,[::1],.localhost"
    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    email_url: str = ""
    guildhall_data: str = ""

    ollama_url: str = "http://localhost:11434"
    ollama_model: str = ""
    openai_api_key: str = ""
    openai_base_url: str = ""
    openai_model: str = ""
    llamacpp_url: str = ""

    api_requests_per_minute: int = 600
    api_anonymous_requests_per_minute: int = 120
    run_seconds: int = Field(default=1800, ge=5)
    lease_seconds: float = 20.0
    heartbeat_seconds: float = 5.0
    socket_check_seconds: float = Field(default=60.0, gt=0, le=60)

    @property
    def is_local(self) -> bool:
        return self.environment in {"development", "testing"}

    @property
    def hosts(self) -> list[str]:
        return [host.strip() for host in self.allowed_hosts.split(",") if host.strip()]


@cache
def environment() -> Environment:
    return Environment()
