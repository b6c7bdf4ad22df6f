// Frames in text: logs of all kinds, hex dumps and our own traces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "twc/codec.hpp"
#include "twc/expected.hpp"
#include "twc/hex_text.hpp"
#include "twc/message.hpp"

namespace twc {

/// One frame that a text shows.
struct Sighting {
    LineFacts facts;
    Body body;  ///< of any length; with an error of escape as it was found, otherwise unescaped
    Expected<Message, DecodeError> message;
};

/// Finds frames in text that comes in pieces of any size. Memory is bounded, and nothing is an error.
///
/// A frame stands between C0 and C0, over several lines too if these begin alike as those of a dump do; or
/// it stands alone and begins with FB, FC or FD. What looks like a frame is shown, with its error if it has
/// one; bytes between frames are not.
class Transcript {
  public:
    std::vector<Sighting> push(std::string_view text);
    /// The text is over.
    std::vector<Sighting> finish();

  private:
    using Bytes = std::span<const std::uint8_t>;

    /// Reads a line, or as much of it as can be told before its rest has come; returns how much that was.
    std::size_t read_line(std::string_view line, bool complete);
    [[nodiscard]] bool continues(const HexRun&, std::string_view line) const;
    /// Returns the index of the first byte that has to wait for what comes behind the last.
    std::size_t read_run(Bytes, bool complete);
    std::size_t read_between(Bytes, std::size_t begin, bool complete);
    std::size_t read_inside(Bytes, std::size_t begin);
    void end_run();
    void end_frame();
    void give_up_frame();
    void show_doubtful(Bytes);
    void show(Body, Expected<Message, DecodeError>);

    std::string line_;         // what has not been read of it
    bool within_run_ = false;  // and it goes on with a run whose beginning has been read
    bool seen_ = false;        // a frame stood in this run already
    bool inside_ = false;      // behind a C0 that begins a frame
    Body raw_;                 // what came since then, with its escapes
    std::string shape_;        // what stood before it in its line, without digits
    LineFacts facts_;          // of that line
    std::vector<Sighting> found_;
};

}  // namespace twc
