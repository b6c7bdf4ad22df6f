// `twcbridge decode`: the frames that a log or a hex dump shows.
#pragma once

#include <filesystem>

namespace bridge {

/// What a frame is printed as.
enum class FrameStyle { json, text };

/// Reads the file, or standard input if it is "-", and prints one line for each frame as soon as it is
/// complete; says on standard error if there was none. Returns the exit status.
int decode(const std::filesystem::path& file, FrameStyle style);

}  // namespace bridge
