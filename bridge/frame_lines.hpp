// A frame as a line: JSON for programs, columns for people.
#pragma once

#include <string>

#include "twc/transcript.hpp"

namespace bridge {

/// {"hex": …, "ok": …, "error": …, "code": …, "name": …, "sender": …, "receiver": …} and the fields of the
/// message; of a frame with an error only what can be told without trusting it. No newline.
std::string to_json_line(const twc::Sighting&);

/// Time of day, direction, sender, receiver, name and values; an error or an unknown code is said, and
/// then the bytes are shown. No newline.
std::string to_text_line(const twc::Sighting&);

}  // namespace bridge
