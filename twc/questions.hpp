// What one unit is asked, and when again: its kinds of questions with their intervals and retries
// (docs/protocol.md 2).
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "twc/message.hpp"
#include "twc/time.hpp"

namespace twc {

/// The meter is read that often, and more often while a current flows.
inline constexpr Duration meter_interval = std::chrono::seconds{60};
inline constexpr Duration meter_interval_charging = std::chrono::seconds{10};
/// A question without an answer is put again after so long, then twice as long each time, up to an hour.
inline constexpr Duration question_retry = std::chrono::seconds{60};
inline constexpr Duration question_retry_longest = std::chrono::hours{1};
/// A VIN is asked for so often, with so long between the tries (docs/protocol.md 2).
inline constexpr int vin_tries = 3;
inline constexpr Duration vin_retry = std::chrono::seconds{60};
/// A unit may know nothing of its car yet: that it knows of no VIN is believed when it says so this long
/// after it was first to be asked; until then it is asked again after this pause.
inline constexpr Duration absent_vin_patience = std::chrono::seconds{20};
inline constexpr Duration absent_vin_retry = std::chrono::seconds{4};

/// The questions to one unit; none until begin().
class Questions {
  public:
    struct Due {
        Question question = Question::meter;
        TimePoint since;  ///< to be asked from this moment on
    };

    /// First contact: everything is asked for.
    void begin(TimePoint now);
    /// The VIN anew, with all its tries.
    void ask_vin(TimePoint now);
    /// The VIN is known.
    void vin_settled() { vin_tries_left_ = 0; }
    /// The unit says that it knows of no VIN. Returns whether that is believed; if not, it is asked again.
    [[nodiscard]] bool vin_absent(TimePoint now);

    /// The question that is due first; how often the meter is read depends on what is drawn.
    [[nodiscard]] std::optional<Due> next(Centiamps drawn) const;
    /// The answer was doubted: it is due again at once.
    void ask_again(Question);
    void asked(Question, TimePoint now);
    void answered(Question);
    void unanswered(Question);

  private:
    // Firmware, serial or meter.
    struct Kind {
        Question question = Question::meter;
        bool wanted = false;
        std::optional<TimePoint> asked = std::nullopt;
        int unanswered = 0;  // in a row
    };
    [[nodiscard]] TimePoint due_at(const Kind&, Centiamps drawn) const;
    Kind* kind(Question);
    void end_vin_try();

    TimePoint begun_;
    std::array<Kind, 3> kinds_{Kind{.question = Question::firmware}, Kind{.question = Question::serial},
                               Kind{.question = Question::meter}};
    int vin_tries_left_ = 0;
    std::size_t vin_part_ = 0;
    TimePoint vin_wanted_since_;
    TimePoint vin_due_;
    TimePoint vin_try_begun_;
};

}  // namespace twc
