"""The API and its description."""

from __future__ import annotations

from config.settings.base import ENV

API_REQUESTS_PER_MINUTE = ENV.api_requests_per_minute
API_ANONYMOUS_REQUESTS_PER_MINUTE = ENV.api_anonymous_requests_per_minute
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.proving.keys.ApiKeyAuthentication",
        "tenants.proving.tokens.TokenAuthentication",
        "tenants.proving.keys.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.wire.rendering.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.wire.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "tenants.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "tenants.api.schema.Schema",
    "EXCEPTION_HANDLER": "tenants.api.problems.answer_to",
    "COERCE_DECIMAL_TO_STRING": False,
    "STRICT_JSON": True,
    "NUM_PROXIES": ENV.trusted_proxies,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Guildhall",
    "DESCRIPTION": "Build, run, share and simulate with AI agents.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Role": "tenants.models.Membership.Role",
        "RunStatus": "projects.models.Run.Status",
        "RunKind": "projects.models.Run.Kind",
        "RunOrigin": "projects.models.Run.Origin",
        "QuestionKind": "projects.models.Question.Kind",
        "QuestionStatus": "projects.models.Question.Status",
        "AtDeadline": "projects.models.Question.AtDeadline",
        "DeliveryStatus": "projects.webhooks.models.Delivery.Status",
        "NotificationKind": "tenants.notifications.models.Kind",
        "TrialMode": "projects.models.Trial.Mode",
        "TrialStatus": "projects.models.Trial.Status",
        "AgentRunStatus": "projects.models.AgentRun.Status",
        "Process": "agents.models.Crew.Process",
        "DocumentState": "agents.knowledge.models.Document.State",
        "SimulationStatus": "simulations.models.Simulation.Status",
        "InterventionKind": "simulations.models.Intervention.Kind",
        "InjectionKind": "simulations.interventions.serializers.INJECTED",
        "SweepStatus": "simulations.sweeps.models.Sweep.Status",
        "SweepKind": "simulations.sweeps.models.Sweep.Kind",
        "PointStatus": "simulations.sweeps.models.Point.Status",
        "ListingKind": "marketplace.models.Listing.Kind",
        "InvitationState": "tenants.serializers.INVITATION_STATES",
        "InstallationState": "marketplace.installs.models.Installation.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tenants.api.schema.refuse_unknown_fields",
    ],
    "OAS_VERSION": "3.1.0",
}
