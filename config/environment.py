"""Everything that is set from outside, read once and checked. The only place that reads the environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL_MODELS = tuple(f"{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (11434, 8080, 1234))
"""Where Ollama, llama.cpp and LM Studio listen."""


class Environment(BaseSettings):
    """Variables of the process's environment; docs/operating.md explains each."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore")

    environment: Literal["development", "testing", "staging", "production"] = "development"
    secret_key: str = ""
    credentials_keys: str = ""
    credentials_keys_file: str = ""
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
    anthropic_api_key: str = ""
    anthropic_model: str = ""
    gemini_api_key: str = ""
    gemini_model: str = ""
    llm_hedging: Literal["off", "usual"] | Annotated[float, Field(ge=0.1, le=600)] = "off"
    llm_cache_days: int = Field(default=7, ge=0, le=365)
    llamacpp_url: str = ""

    egress_ports: str = ""
    egress_local_hosts: str = ""
    egress_refused_networks: str = ""
    egress_proxy: str = ""
    local_model_hosts: str | None = None
    mcp_stdio: dict[str, list[str]] = Field(default_factory=dict)

    api_requests_per_minute: int = 600
    api_anonymous_requests_per_minute: int = 120
    run_seconds: int = Field(default=1800, ge=5)
    provider_patience_seconds: float = Field(default=60.0, ge=0, le=3600)
    runs_per_worker: int = Field(default=256, ge=1, le=2000)
    runs_per_workspace: int = Field(default=0, ge=0)
    drain_seconds: float = Field(default=3.0, ge=0)
    question_seconds: int = Field(default=259_200, ge=1, le=7_776_000)
    lease_seconds: float = 20.0
    heartbeat_seconds: float = 5.0
    socket_check_seconds: float = Field(default=60.0, gt=0, le=60)
    simulations_max_agents: int = Field(default=1_000_000, ge=1, le=10_000_000)
    simulations_max_steps: int = Field(default=100_000, ge=1, le=1_000_000)
    simulations_max_work: int = Field(default=1_000_000_000, ge=1)
    simulations_max_concurrent: int = Field(default=20, ge=0)
    simulations_call_seconds: float = Field(default=120.0, ge=1, le=3600)
    sweeps_max_runs: int = Field(default=10_000, ge=1, le=1_000_000)
    sweeps_at_once: int = Field(default=4, ge=1, le=100)
    sandbox_models: Literal["offline", "operator"] = "offline"
    sandbox_runs_at_once: int = Field(default=4, ge=1, le=100)
    sandbox_run_seconds: int = Field(default=300, ge=5)
    sandbox_most_usd: float = Field(default=0.5, ge=0, le=20)
    trials_per_address: int = Field(default=10, ge=0)
    trials_in_total: int = Field(default=300, ge=0)
    market_two_step: bool | None = None
    reports_per_day: int = Field(default=20, ge=1)
    pull_alone_workspaces: int = Field(default=25, ge=0)
    metrics_token: str = ""
    metrics_networks: str = ""

    @property
    def is_local(self) -> bool:
        return self.environment in {"development", "testing"}

    @property
    def publishing_takes_two_steps(self) -> bool:
        """Whether publishing for everybody takes a two-step sign-in; without a setting it does in production."""
        return self.environment == "production" if self.market_two_step is None else self.market_two_step

    @property
    def operator_networks(self) -> list[str]:
        """Who may read /metrics without a token; on a laptop whoever sits at it."""
        given = self.metrics_networks or ("127.0.0.0/8,::1/128" if self.is_local else "")
        return listed(given)

    @property
    def sealing_keys(self) -> list[str]:
        """The operator's keys for credentials, the first seals; the file's, one per line, come before the variable's."""
        lines = Path(self.credentials_keys_file).read_text().splitlines() if self.credentials_keys_file else []
        return [*filter(None, map(str.strip, lines)), *listed(self.credentials_keys)]

    @property
    def hosts(self) -> list[str]:
        return listed(self.allowed_hosts)

    @property
    def model_hosts(self) -> list[str]:
        """Local model servers that workspaces may name: on a developer's machine the usual ones, elsewhere none unless set."""
        if self.local_model_hosts is None:
            return [*LOCAL_MODELS] if self.environment == "development" else []
        return listed(self.local_model_hosts)


def listed(text: str) -> list[str]:
    """The parts of a setting that are separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


@cache
def environment() -> Environment:
    return Environment()
