// Opening a serial device for this process alone.
#pragma once

#include <string>

#include "twc/expected.hpp"

namespace bridge {

/// A descriptor of the device at `path`: 9600 baud 8N1 (docs/protocol.md 1), raw, not blocking, locked
/// against other programs, its buffers empty. The caller closes it. The error is a sentence for the owner,
/// without the path.
twc::Expected<int, std::string> open_serial_device(const std::string& path);

}  // namespace bridge
