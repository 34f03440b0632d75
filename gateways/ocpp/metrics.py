"""What this gateway counts; labels are closed lists, so that no station can grow them."""

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("ocpp_connections", "Stations connected.", ["subprotocol"])
HANDSHAKES = Counter("ocpp_handshakes", "Handshakes by how they ended.", ["outcome"])
MESSAGES = Counter(
    "ocpp_messages", "Calls of stations by how they were answered.", ["action", "outcome"]
)
SECONDS = Histogram(
    "ocpp_seconds",
    "From a station's call to our answer.",
    ["action"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25),
)
FRAMES = Counter("ocpp_odd_frames", "Frames that were no usable message.", ["kind"])
REPAIRS = Counter("ocpp_repairs", "Named repairs of payloads.", ["name"])
COMMANDS = Counter("ocpp_commands", "Calls to stations by how they ended.", ["outcome"])
