// `twcbridge decode`: the frames that a log or a hex dump shows.
#include "bridge/decode_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <system_error>
#include <vector>

#include "bridge/frame_lines.hpp"
#include "twc/transcript.hpp"

namespace bridge {
namespace {

/// Returns whether there was anything to print.
bool print(const std::vector<twc::Sighting>& sightings, FrameStyle style) {
    for (const auto& sighting : sightings) {
        std::cout << (style == FrameStyle::json ? to_json_line(sighting) : to_text_line(sighting)) << '\n';
    }
    std::cout.flush();
    return !sightings.empty();
}

int fail(const std::string& what) {
    std::cerr << "twcbridge: " << what << ": " << std::generic_category().message(errno) << '\n';
    return EXIT_FAILURE;
}

}  // namespace

int decode(const std::filesystem::path& file, FrameStyle style) {
    const bool standard_input = file == "-";
    const auto name = standard_input ? "standard input" : file.string();
    const int source = standard_input ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (source < 0) return fail(name);
    bool found = false;
    twc::Transcript transcript;
    std::array<char, 65'536> piece{};
    while (std::cout) {
        const auto got = ::read(source, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(name);
        if (got == 0) break;
        const std::string_view text{piece.data(), static_cast<std::size_t>(got)};
        if (print(transcript.push(text), style)) found = true;
    }
    if (print(transcript.finish(), style)) found = true;
    if (!standard_input) ::close(source);
    if (!std::cout) return fail("standard output");
    if (!found) std::cerr << "twcbridge: no frame found in " << name << '\n';
    return EXIT_SUCCESS;
}

}  // namespace bridge
