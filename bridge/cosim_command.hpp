// The command `twcbridge cosim`: one JSON line a simulated second in, one with offers out.
#pragma once

#include <iosfwd>

#include "config/config.hpp"

namespace bridge {

/// Answers each line of `in` with one on `out`, flushed, until `in` ends. A line that is no second (no JSON,
/// a wrong type, an unknown key, `t` not above the one before) changes nothing: its answer carries `error`
/// and repeats the offers. A refused input or command is dropped alone. Both are said on `err` with the
/// number of the line. Returns 0, or 1 when a line was none or an answer could not be written, which ends it.
int cosim(const config::Config&, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace bridge
