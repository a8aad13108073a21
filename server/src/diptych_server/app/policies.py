"""The headers that keep pages and scripts in their place. Each page has one Content-Security-Policy."""

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
"""Content-Security-Policy of the UI's page."""

REPLAY_FRAME_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src {origin}",
        "style-src {origin} 'unsafe-inline' http: https:",
        "font-src {origin} data: http: https:",
        "img-src data: blob: http: https:",
        "media-src data: blob: http: https:",
        "frame-src 'none'",
        "connect-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors {origin}",
        "sandbox allow-scripts",
    )
)
"""Content-Security-Policy of `/replay-frame`, where a recorded page is rebuilt.

`{origin}` is this server's own, in full: the frame is sandboxed without `allow-same-origin`, so its own
origin is opaque and `'self'` is not us. The recorded page's pictures, styles and fonts may load, its scripts
never.
"""

SECURITY_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)
"""On every answer of the UI."""
