"""The headers that keep pages and scripts in their place."""

UI_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Mantine and ECharts set style attributes and <style> elements
        "font-src 'self' data:",
        "img-src 'self' data: blob:",  # a message's picture from elsewhere would tell its host who reads it
        "media-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy of the UI's page. That of `/replay-frame` is made with it, in `ui/build`."""

SECURITY_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)
"""On every answer of the UI."""
