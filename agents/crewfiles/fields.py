"""What CrewAI's files may say, field by field, and what becomes of it here."""

from __future__ import annotations

from collections.abc import Mapping

AGENT_FIELDS = frozenset({"role", "goal", "backstory", "llm", "temperature", "tools", "max_iter", "allow_delegation"})
TASK_FIELDS = frozenset(
    {
        "description",
        "expected_output",
        "agent",
        "context",
        "tools",
        "async_execution",
        "markdown",
        "human_input",
        "guardrail",
        "guardrails",
        "guardrail_max_retries",
        "max_retries",
        "output_json",
        "output_pydantic",
    }
)

SAID_OF_AGENTS = AGENT_FIELDS | {"name"}
SAID_OF_TASKS = (TASK_FIELDS - {"guardrails", "max_retries", "output_json", "output_pydantic"}) | {
    "name",
    "output_schema",
    "output_name",
    "output_kind",
}
"""What the two files say of the fields of a specification; crew.yaml has the others."""

WITHOUT_EFFECT = frozenset({"verbose", "name", "config", "create_directory"})
"""Read without a word: they change nothing about what the crew does."""

LEFT_OUT: Mapping[str, str] = {
    "cache": "tool results are not cached within a run",
    "callback": "a Python function cannot travel in a file",
    "callbacks": "Python functions cannot travel in a file",
    "condition": "a Python function cannot travel in a file; the task always runs, unless crew.yaml has a condition in words",
    "date_format": "the date comes from the date tool",
    "embedder": "documents are searched with the workspace's own settings",
    "function_calling_llm": "the agent's own model calls its tools",
    "guardrail_agent": "a guardrail belongs to a task",
    "inject_date": "give the agent the date tool instead",
    "knowledge": "upload documents to the workspace and give the agent search_knowledge",
    "knowledge_config": "upload documents to the workspace and give the agent search_knowledge",
    "knowledge_sources": "upload documents to the workspace and give the agent search_knowledge",
    "max_execution_time": "a run has one deadline for the whole crew",
    "max_reasoning_attempts": "agents here do not plan before they start",
    "max_retry_limit": "the model gateway repeats failed calls",
    "max_rpm": "the model gateway keeps the rate limits",
    "max_tokens": "the model gateway sets the length of answers",
    "memory": "agents remember within a run only",
    "multimodal": "a run is given its pictures when it starts; sees_pictures in crew.yaml says which tasks see them",
    "output_file": "nothing is written to the server; the result is kept with the run, where it can be downloaded",
    "planning": "agents here do not plan before they start",
    "planning_config": "agents here do not plan before they start",
    "prompt_template": "prompts are CrewAI's own",
    "reasoning": "agents here do not plan before they start",
    "respect_context_window": "the model gateway knows the size of each model's window",
    "response_template": "prompts are CrewAI's own",
    "step_callback": "a Python function cannot travel in a file",
    "system_template": "prompts are CrewAI's own",
    "use_system_prompt": "prompts are CrewAI's own",
}
"""Read with a notice: the crew runs, but not exactly as the file says."""

REFUSED: Mapping[str, str] = {
    "a2a": "Agents here do not call agents on other servers. Remove this line.",
    "allow_code_execution": "Agents here do not run code. Set it to false or remove the line.",
    "apps": "Apps of the CrewAI platform do not exist here. Remove this line and give the agent tools of this workspace.",
    "code_execution_mode": "Agents here do not run code. Remove this line.",
    "converter_cls": "A Python class cannot travel in a file. Remove this line.",
    "executor_class": "A Python class cannot travel in a file. Remove this line.",
    "from_repository": "Agents are not fetched from CrewAI's repository. Write role, goal and backstory into the file.",
    "input_files": "Upload files as documents of the workspace and give the agent search_knowledge. Remove this line.",
    "mcps": "MCP servers cannot be started from a file. Remove this line and give the agent tools of this workspace.",
    "skills": "Skills are not fetched from elsewhere. Write the instructions into the backstory.",
}
"""Not read: the crew could not do its work, or would do what no file may do on a server."""

HARMLESS: tuple[object, ...] = (None, False, "", [], {})
"""Values with which even a refused field says nothing."""
