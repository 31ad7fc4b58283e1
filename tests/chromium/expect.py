"""What a test of the page says when something is not as it should be."""


def check(condition, message):
    if not condition:
        raise SystemExit(f"chromium: {message}")


def equal(found, expected, what):
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")
