"""Runs, models, plays, sweeps, the market, and how any of them reaches the outside."""

from __future__ import annotations

from config.environment import listed
from config.settings.base import ENV
from config.settings.redis import redis_database

REVOCATIONS_UNKNOWN_SECONDS = 60.0  # after that, runs of what may do much stop, and others are warned
LEASE_SECONDS = ENV.lease_seconds
HEARTBEAT_SECONDS = ENV.heartbeat_seconds
MOST_CRASHES = 3
RUN_SECONDS = ENV.run_seconds
RUNS_PER_WORKER = ENV.runs_per_worker
PROVIDER_PATIENCE_SECONDS = ENV.provider_patience_seconds  # how long a call waits in all while every provider is away
RUNS_PER_WORKSPACE = ENV.runs_per_workspace  # at once, over all workers; 0: no limit. A workspace may have its own.
RUN_DATABASE_THREADS = 4
DRAIN_SECONDS = ENV.drain_seconds
QUESTION_SECONDS = ENV.question_seconds
SHARED_REQUESTS_PER_MINUTE = 60  # of one address, on links that show a run

# Models. Which of them answers is found out when a run starts.
LLM = {
    "ollama_url": ENV.ollama_url,
    "openai_api_key": ENV.openai_api_key,
    "openai_base_url": ENV.openai_base_url,
    "llamacpp_url": ENV.llamacpp_url,
    "ollama_model": ENV.ollama_model,
    "openai_model": ENV.openai_model,
    "anthropic_api_key": ENV.anthropic_api_key,
    "anthropic_model": ENV.anthropic_model,
    "gemini_api_key": ENV.gemini_api_key,
    "gemini_model": ENV.gemini_model,
}
LLM_HEDGING = ENV.llm_hedging  # off, or when a second provider is asked beside a slow first one
LLM_REDIS_URL = redis_database(1)
LLM_REDIS_PATIENCE = 0.5  # seconds that a model call waits for what processes know together; then its own counts
QUESTION_EMBEDDED_WITHIN = 10.0  # seconds; then a question to the documents is answered by its words alone
PASSAGES_EMBEDDED_WITHIN = 120.0  # seconds for up to 64 passages in a worker
LLM_CACHE = {"process_bytes": 64_000_000, "redis_seconds": 3_600, "database_days": ENV.llm_cache_days}

# Plays: how large one may be (work is agents x steps), how many may run at once in a workspace (0: no limit), how long one call
# of a model may take
SIMULATIONS_MAX_AGENTS, SIMULATIONS_MAX_STEPS = ENV.simulations_max_agents, ENV.simulations_max_steps
SIMULATIONS_MAX_WORK, SIMULATIONS_MAX_CONCURRENT = ENV.simulations_max_work, ENV.simulations_max_concurrent
SIMULATIONS_CALL_SECONDS = ENV.simulations_call_seconds

# Sweeps: runs of one, and how many of its runs are played at the same time
SWEEPS_MAX_RUNS, SWEEPS_AT_ONCE = ENV.sweeps_max_runs, ENV.sweeps_at_once

# The market. Trials are counted by the hour.
MARKET_TWO_STEP = ENV.publishing_takes_two_steps
SANDBOX_MODELS = ENV.sandbox_models
SANDBOX_RUNS_AT_ONCE = ENV.sandbox_runs_at_once
SANDBOX_RUN_SECONDS = ENV.sandbox_run_seconds
SANDBOX_MOST_USD = ENV.sandbox_most_usd  # of one evaluation, and of one trial
TRIALS_PER_ADDRESS, TRIALS_IN_TOTAL = ENV.trials_per_address, ENV.trials_in_total
# Workspaces that never ask a model, whatever the operator's settings name
OFFLINE_SCHEMAS = frozenset({"t_guildhall_sandbox"} if SANDBOX_MODELS == "offline" else ())

# Moderation
REPORTS_PER_DAY = ENV.reports_per_day  # of one person
PULL_ALONE_WORKSPACES = ENV.pull_alone_workspaces  # a listing that more have installed is pulled by two people
FEATURED_AT_MOST = 12  # listings that the market shows first

# Addresses that users give (web pages, HTTP, MCP, webhooks, own model servers) are reached through tenants.egress.
EGRESS_PORTS = [int(port) for port in listed(ENV.egress_ports)]
EGRESS_LOCAL_HOSTS = listed(ENV.egress_local_hosts)
EGRESS_REFUSED_NETWORKS = listed(ENV.egress_refused_networks)
EGRESS_PROXY = ENV.egress_proxy
LOCAL_MODEL_HOSTS = ENV.model_hosts
MCP_STDIO = ENV.mcp_stdio

# Who may read /metrics
METRICS_TOKEN = ENV.metrics_token
METRICS_NETWORKS = ENV.operator_networks

# Agent classes. While developing, a file of agents/library that has changed is read again.
LIBRARY_RELOADS = ENV.environment == "development"
